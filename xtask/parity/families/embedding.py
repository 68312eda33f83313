"""Rows of tables looked up, alone and in bags."""

import torch
import torch.nn.functional as F
from cases import case, exactly, integers, module, normal, ties


def embedding_bag(indices, table, *more, weighted=False, **options):
    """`more` are the offsets and the weights, where there are any."""
    weights = more[-1] if weighted else None
    offsets = more[0] if len(more) > weighted else None
    return F.embedding_bag(indices, table, offsets, per_sample_weights=weights, **options)


def bags(layer, indices, *more, weighted=False):
    return layer(indices, *(more if len(more) > weighted else (None, *more)))


def embedding(norm_type=2.0, **init):
    """The degree of a norm may be the word for infinity."""
    return torch.nn.Embedding(norm_type=float(norm_type), **init)


OPERATIONS = {"F.embedding_bag": embedding_bag, "forward.nn.EmbeddingBag": bags, "make.nn.Embedding": embedding}


def bag(name, indices, table, *more, **options):
    """PyTorch has no second derivatives here."""
    return case("F.embedding_bag", name, indices, table, *more, second=False, **options)


def layer(op, name, indices, *more, weighted=False, second=True, **init):
    options = dict(weighted=True) if weighted else {}
    init = dict(num_embeddings=6, embedding_dim=3, **init)
    return module(op, name, indices, *more, init=init, second=second, **options)


OFFSETS = exactly([0, 3, 3, 7])

CASES = [
    case("F.embedding", "padding", exactly([[1, 2, 1], [3, 0, 2]]), normal(4, 3), padding_idx=1),
    case("F.embedding", "padding_from_end", exactly([3, 3, 2, 0, 3]), normal(4, 2), padding_idx=-1),
    case("F.embedding", "all_padding", exactly([1, 1]), normal(3, 2), padding_idx=1),
    case("F.embedding", "frequency", integers(9, below=4), normal(5, 2), scale_grad_by_freq=True, second=False),
    case(
        "F.embedding",
        "frequency_padding",
        integers(3, 4, below=3),
        normal(4, 3),
        scale_grad_by_freq=True,
        padding_idx=2,
        second=False,
    ),
    *[
        given
        for mode in ("sum", "mean", "max")
        for given in (
            bag(mode, integers(3, 4, below=6), normal(6, 3), mode=mode),
            bag(f"{mode}_offsets", integers(9, below=5), normal(5, 3), OFFSETS, mode=mode),
            bag(f"{mode}_padding", integers(4, 5, below=4), normal(4, 2), mode=mode, padding_idx=2),
            bag(
                f"{mode}_last_offset",
                integers(7, below=5),
                normal(5, 2),
                exactly([0, 0, 2, 7]),
                mode=mode,
                padding_idx=-5,
                include_last_offset=True,
            ),
        )
    ],
    bag("max_ties", integers(4, 6, below=8), ties(8, 4), mode="max"),
    bag("one_bag", integers(5, below=5), normal(5, 3), exactly([0]), mode="mean"),
    bag("empty_bags", integers(0, below=5), normal(5, 3), exactly([0, 0]), mode="mean"),
    bag("weighted", integers(3, 4, below=6), normal(6, 3), normal(3, 4), mode="sum", weighted=True),
    bag("weighted_offsets", integers(9, below=5), normal(5, 3), OFFSETS, normal(9), mode="sum", weighted=True),
    bag(
        "weighted_padding", integers(3, 4, below=4), normal(4, 2), normal(3, 4), mode="sum", weighted=True, padding_idx=3
    ),
    layer("nn.Embedding", "plain", integers(2, 4, below=6)),
    layer("nn.Embedding", "padding", integers(2, 5, below=6), padding_idx=-2),
    layer("nn.Embedding", "max_norm", integers(2, 4, below=6), max_norm=0.5),
    layer("nn.Embedding", "max_norm_1", integers(5, below=6), max_norm=0.8, norm_type=1.0),
    layer("nn.Embedding", "max_norm_largest", integers(5, below=6), max_norm=0.3, norm_type="inf"),
    layer("nn.Embedding", "max_norm_count", integers(5, below=6), max_norm=2.5, norm_type=0.0),
    layer("nn.Embedding", "frequency", integers(3, 4, below=6), scale_grad_by_freq=True, second=False),
    layer("nn.EmbeddingBag", "plain", integers(3, 4, below=6), second=False),
    layer("nn.EmbeddingBag", "max", integers(9, below=6), OFFSETS, mode="max", padding_idx=1, second=False),
    layer("nn.EmbeddingBag", "sum", integers(2, 4, below=6), normal(2, 4), weighted=True, mode="sum", second=False),
    layer("nn.EmbeddingBag", "max_norm", integers(9, below=6), OFFSETS, max_norm=0.7, second=False),
    layer(
        "nn.EmbeddingBag",
        "last_offset",
        integers(7, below=6),
        exactly([0, 1, 7]),
        normal(7),
        weighted=True,
        mode="sum",
        include_last_offset=True,
        second=False,
    ),
]
