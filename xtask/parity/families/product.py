"""Products of matrices."""

import torch
from cases import case, module, normal

OPERATIONS = {
    "torch.einsum": lambda *operands, equation: torch.einsum(equation, *operands),
    "linalg.cross": lambda a, b, dim: torch.linalg.cross(a, b, dim=dim),
    "torch.tensordot": lambda a, b, dims: torch.tensordot(a, b, dims=dims),
}


def cases(op, *described, **options):
    """A name and the operands' shapes each."""
    return [case(op, name, *(normal(*shape) for shape in shapes), **options) for name, *shapes in described]


def einsum(name, equation, *shapes):
    return case("torch.einsum", name, *(normal(*shape) for shape in shapes), equation=equation)


CASES = [
    case("F.linear", "bias", normal(4, 3), normal(5, 3), normal(5)),
    case("F.linear", "no_bias", normal(4, 3), normal(5, 3)),
    case("F.linear", "batch_1", normal(1, 3), normal(5, 3), normal(5)),
    case("F.linear", "leading_dims", normal(2, 3, 4), normal(5, 4), normal(5)),
    module("nn.Linear", "bias", normal(4, 3), init=dict(in_features=3, out_features=5)),
    module("nn.Linear", "no_bias", normal(2, 3, 4), init=dict(in_features=4, out_features=2, bias=False)),
    case("F.bilinear", "bias", normal(4, 3), normal(4, 2), normal(5, 3, 2), normal(5)),
    case("F.bilinear", "no_bias", normal(4, 3), normal(4, 2), normal(5, 3, 2)),
    case("F.bilinear", "leading_dims", normal(2, 3, 4), normal(2, 3, 1), normal(2, 4, 1), normal(2)),
    module("nn.Bilinear", "bias", normal(4, 3), normal(4, 2), init=dict(in1_features=3, in2_features=2, out_features=5)),
    module(
        "nn.Bilinear",
        "no_bias",
        normal(3),
        normal(2),
        init=dict(in1_features=3, in2_features=2, out_features=1, bias=False),
    ),
    *cases(
        "torch.matmul",
        ("matrices", (3, 4), (4, 5)),
        ("batched", (2, 3, 4), (2, 4, 5)),
        ("broadcast", (2, 3, 4), (4, 5)),
        ("broadcast_left", (3, 4), (2, 4, 2)),
        ("broadcast_both", (2, 1, 2, 3), (3, 3, 2)),
        ("vectors", (5,), (5,)),
        ("vector_matrix", (3,), (3, 4)),
        ("matrix_vector", (3, 4), (4,)),
        ("vector_batch", (3,), (2, 3, 4)),
        ("batch_vector", (2, 3, 4), (4,)),
        ("nothing_summed", (2, 0), (0, 3)),
        ("empty", (0, 3), (3, 2)),
        ("one", (1, 1), (1, 1)),
    ),
    *cases("torch.mv", ("odd", (3, 5), (5,)), ("one", (1, 1), (1,)), ("empty", (2, 0), (0,))),
    *cases("torch.dot", ("odd", (7,), (7,)), ("one", (1,), (1,)), ("empty", (0,), (0,))),
    *cases("torch.outer", ("odd", (3,), (5,)), ("one", (1,), (2,)), ("empty", (0,), (3,))),
    *cases("torch.bmm", ("odd", (2, 3, 5), (2, 5, 1)), ("one", (1, 2, 2), (1, 2, 3)), ("empty", (0, 2, 3), (0, 3, 2))),
    *cases(
        "torch.addmm",
        ("matrix", (3, 5), (3, 4), (4, 5)),
        ("row", (5,), (3, 4), (4, 5)),
        ("scalar", (), (2, 3), (3, 2)),
    ),
    *cases("torch.addmm", ("scaled", (3, 1), (3, 4), (4, 2)), beta=0.5, alpha=-2),
    *cases("torch.addmm", ("without", (2, 2), (2, 3), (3, 2)), beta=0, alpha=1),
    *cases("torch.addmv", ("list", (3,), (3, 4), (4,)), ("scaled", (1,), (3, 4), (4,)), beta=-1, alpha=0.5),
    *cases(
        "torch.baddbmm",
        ("batch", (2, 3, 2), (2, 3, 4), (2, 4, 2)),
        ("broadcast", (3, 1), (2, 3, 4), (2, 4, 2)),
        beta=2,
        alpha=0.5,
    ),
    *cases("linalg.cross", ("rows", (2, 3), (2, 3)), ("broadcast", (2, 3), (1, 3)), ("list", (3,), (3,)), dim=-1),
    *cases("linalg.cross", ("columns", (3, 2), (3, 2)), dim=0),
    einsum("matrices", "ij,jk->ik", (2, 3), (3, 4)),
    einsum("implicit", "ij,jk", (2, 3), (3, 4)),
    einsum("implicit_turned", "ba", (2, 3)),
    einsum("capitals", "aB,Bc", (2, 3), (3, 2)),
    einsum("batches", "bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    einsum("turned", "bij,bjk->kib", (2, 2, 3), (2, 3, 2)),
    einsum("outer", "i,j->ij", (2,), (3,)),
    einsum("dot", "i,i->", (4,), (4,)),
    einsum("sum", "ij->", (2, 3)),
    einsum("sum_rows", "ij->j", (2, 3)),
    einsum("trace", "ii", (3, 3)),
    einsum("diagonal", "ii->i", (3, 3)),
    einsum("batched_diagonal", "iji->ji", (2, 3, 2)),
    einsum("three", "ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
    einsum("bilinear", "bn,anm,bm->ba", (2, 3), (4, 3, 2), (2, 2)),
    einsum("attention", "bqhd,bkhd->bhqk", (1, 2, 2, 3), (1, 3, 2, 3)),
    einsum("ellipsis", "...ij,...jk->...ik", (2, 2, 3), (3, 2)),
    einsum("ellipsis_implicit", "i...,i...", (2, 3), (2, 1)),
    einsum("ellipsis_summed", "...i->i", (2, 2, 3)),
    einsum("broadcast", "ij,ij->i", (2, 3), (2, 1)),
    einsum("elementwise", "ij,ij->ij", (2, 3), (2, 3)),
    einsum("diagonal_and_product", "ii,ij->j", (3, 3), (3, 2)),
    einsum("alone", "ij,kl->jl", (2, 3), (2, 2)),
    einsum("scalar", ",i->i", (), (3,)),
    einsum("spaces", " i j , j -> i ", (2, 3), (3,)),
    einsum("empty", "ij,jk->ik", (2, 0), (0, 3)),
    *[
        case("torch.tensordot", name, normal(*a), normal(*b), dims=dims)
        for name, a, b, dims in (
            ("one", (2, 3), (3, 4), [[1], [0]]),
            ("two", (2, 3, 4), (4, 3, 2), [[1, 2], [1, 0]]),
            ("negative", (2, 3), (4, 2), [[0], [-1]]),
            ("none", (2,), (3, 2), [[], []]),
            ("all", (2, 3), (2, 3), [[0, 1], [0, 1]]),
        )
    ],
    *cases(
        "torch.kron",
        ("matrices", (2, 3), (3, 2)),
        ("lists", (2,), (3,)),
        ("unequal", (2,), (2, 1, 3)),
        ("scalar", (), (2, 2)),
    ),
    *cases("torch.trace", ("square", (3, 3)), ("wide", (2, 4)), ("tall", (3, 1)), ("one", (1, 1))),
]
