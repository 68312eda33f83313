"""The same elements in another shape or order."""

import torch
from cases import case, integers, normal

OPERATIONS = {
    "torch.cat": lambda *parts, dim: torch.cat(parts, dim),
    "torch.stack": lambda *parts, dim: torch.stack(parts, dim),
    "torch.meshgrid": lambda *axes: torch.meshgrid(*axes, indexing="ij"),
    "torch.cartesian_prod": lambda *axes: torch.cartesian_prod(*axes),
    "torch.squeeze_all": lambda x: torch.squeeze(x),
    "gradus.slice": lambda x, start, stop, step, dim: x.movedim(dim, 0)[start:stop:step].movedim(0, dim),
}


def cases(op, *described):
    """`name, shape, options` each."""
    return [case(op, name, normal(*shape), **options) for name, shape, options in described]


def joined(op, name, *shapes, dim):
    return case(op, name, *(normal(*shape) for shape in shapes), dim=dim)


def padded(mode, *described):
    return [
        case("F.pad", f"{mode}_{name}", normal(*shape), pad=pad, mode=mode, **value)
        for name, shape, pad, *values in described
        for value in [dict(value=v) for v in values] or [{}]
    ]


CASES = [
    *cases("torch.reshape", ("flat", (2, 3, 4), dict(shape=[24])), ("empty", (0, 3), dict(shape=[3, 0, 2]))),
    *cases("torch.permute", ("rank_3", (2, 3, 4), dict(dims=[2, 0, 1])), ("scalar", (), dict(dims=[]))),
    *cases(
        "torch.transpose",
        ("rank_3", (2, 3, 4), dict(dim0=0, dim1=-1)),
        ("same", (2, 3), dict(dim0=1, dim1=1)),
        ("empty", (0, 3), dict(dim0=0, dim1=1)),
    ),
    *cases(
        "gradus.slice",
        ("first", (5, 3), dict(dim=0, start=1, stop=4, step=1)),
        ("step", (2, 7, 2), dict(dim=1, start=1, stop=7, step=3)),
        ("last", (3, 5), dict(dim=-1, start=0, stop=5, step=2)),
        ("none", (3, 5), dict(dim=0, start=2, stop=2, step=1)),
        ("long_step", (1, 5), dict(dim=1, start=3, stop=5, step=9)),
    ),
    *cases(
        "torch.select",
        ("first", (3, 4), dict(dim=0, index=1)),
        ("last", (2, 3, 4), dict(dim=-1, index=-1)),
        ("to_scalar", (3,), dict(dim=0, index=2)),
        ("one", (2, 1, 3), dict(dim=1, index=0)),
    ),
    *cases(
        "torch.narrow",
        ("rows", (5, 2), dict(dim=0, start=1, length=3)),
        ("columns", (2, 3, 5), dict(dim=-1, start=4, length=1)),
        ("none", (2, 3), dict(dim=1, start=3, length=0)),
    ),
    joined("torch.cat", "rows", (2, 3), (1, 3), (4, 3), dim=0),
    joined("torch.cat", "columns", (2, 3), (2, 1), dim=-1),
    joined("torch.cat", "middle", (2, 3, 2), (2, 1, 2), (2, 2, 2), dim=1),
    joined("torch.cat", "one", (2, 3), dim=0),
    joined("torch.cat", "empty", (0, 3), (2, 3), dim=0),
    joined("torch.stack", "first", (2, 3), (2, 3), dim=0),
    joined("torch.stack", "last", (2, 3), (2, 3), (2, 3), dim=-1),
    joined("torch.stack", "scalars", (), (), dim=0),
    *cases(
        "torch.flip",
        ("rows", (3, 4), dict(dims=[0])),
        ("both", (3, 4), dict(dims=[0, -1])),
        ("empty", (0, 4), dict(dims=[0])),
        ("none", (2, 3), dict(dims=[])),
    ),
    *cases(
        "torch.unsqueeze",
        ("first", (2, 3), dict(dim=0)),
        ("last", (2, 3), dict(dim=-1)),
        ("middle", (2, 3), dict(dim=1)),
        ("scalar", (), dict(dim=0)),
    ),
    *cases(
        "torch.squeeze",
        ("one", (2, 1, 3), dict(dim=1)),
        ("not_one", (2, 1, 3), dict(dim=0)),
        ("several", (1, 2, 1, 3, 1), dict(dim=[0, 1, -1])),
    ),
    *cases("torch.squeeze_all", ("matrix", (1, 3, 1), {}), ("scalar", (1, 1), {}), ("empty", (1, 0), {})),
    *cases(
        "torch.flatten",
        ("all", (2, 3, 4), dict(start_dim=0, end_dim=-1)),
        ("some", (2, 3, 1, 4), dict(start_dim=1, end_dim=2)),
        ("scalar", (), dict(start_dim=0, end_dim=-1)),
        ("empty", (2, 0, 3), dict(start_dim=1, end_dim=2)),
    ),
    *cases(
        "torch.unflatten",
        ("given", (2, 12), dict(dim=1, sizes=[3, 4])),
        ("inferred", (12, 2), dict(dim=0, sizes=[2, -1, 3])),
        ("one", (2, 3), dict(dim=-1, sizes=[3, 1])),
    ),
    *cases(
        "Tensor.expand",
        ("row", (1, 3), dict(size=[4, 3])),
        ("kept", (2, 1, 3), dict(size=[2, 2, 4, -1])),
        ("scalar", (), dict(size=[2, 2])),
        ("none", (1, 3), dict(size=[0, -1])),
    ),
    *padded(
        "constant",
        ("last", (2, 3), [1, 2], 0.5),
        ("two", (2, 2, 3), [1, 0, 2, 1], -1.0),
        ("three", (1, 2, 2, 2), [1, 0, 0, 1, 2, 0], 0.0),
        ("cut", (3, 5), [-1, -2], 0.0),
        ("mixed", (3, 5), [-1, 2, 1, -2], 2.0),
        ("scalar", (), [], 1.0),
        ("none", (2, 3), [0, 0], 1.0),
        ("empty", (0, 2), [1, 1, 2, 0], 3.0),
    ),
    *padded(
        "reflect",
        ("1d", (2, 4), [2, 3]),
        ("2d", (1, 3, 4), [1, 2, 2, 0]),
        ("3d", (2, 2, 3, 2), [1, 0, 2, 1, 1, 1]),
        ("batch", (2, 1, 3), [1, 1]),
    ),
    *padded(
        "replicate",
        ("1d", (2, 3), [2, 5]),
        ("2d", (2, 1, 2), [1, 2, 3, 0]),
        ("3d", (1, 2, 1, 2), [1, 0, 2, 1, 1, 1]),
        ("batch", (2, 1, 1), [1, 1]),
    ),
    *padded(
        "circular",
        ("1d", (2, 3), [2, 3]),
        ("2d", (1, 2, 3), [1, 2, 2, 0]),
        ("3d", (1, 2, 2, 3), [1, 0, 2, 1, 1, 1]),
        ("batch", (2, 1, 4), [4, 1]),
        ("cut_before", (1, 1, 5), [-1, 3]),
        ("cut_after", (1, 1, 5), [2, -2]),
    ),
    *cases(
        "torch.split",
        ("size", (5, 2), dict(split_size_or_sections=2, dim=0)),
        ("exact", (2, 6), dict(split_size_or_sections=3, dim=-1)),
        ("large", (2, 3), dict(split_size_or_sections=9, dim=1)),
        ("sizes", (2, 6), dict(split_size_or_sections=[1, 3, 2], dim=1)),
        ("empty_part", (3, 2), dict(split_size_or_sections=[0, 3], dim=0)),
    ),
    *cases(
        "torch.chunk",
        ("even", (6, 2), dict(chunks=3, dim=0)),
        ("uneven", (2, 7), dict(chunks=3, dim=1)),
        ("fewer", (2, 5), dict(chunks=4, dim=-1)),
        ("more", (2, 3), dict(chunks=5, dim=0)),
    ),
    *cases(
        "torch.unbind", ("rows", (3, 2), dict(dim=0)), ("last", (2, 1, 3), dict(dim=-1)), ("list", (3,), dict(dim=0))
    ),
    *cases(
        "torch.roll",
        ("rows", (4, 3), dict(shifts=[1], dims=[0])),
        ("both", (4, 3), dict(shifts=[-1, 5], dims=[0, 1])),
        ("flat", (2, 3), dict(shifts=[2], dims=[])),
        ("empty", (0, 3), dict(shifts=[1], dims=[0])),
    ),
    *cases(
        "Tensor.repeat",
        ("matrix", (2, 3), dict(repeats=[2, 3])),
        ("added", (2, 1), dict(repeats=[2, 1, 3])),
        ("scalar", (), dict(repeats=[3])),
        ("none", (2, 3), dict(repeats=[0, 2])),
    ),
    *cases(
        "torch.diff",
        ("rows", (4, 3), dict(n=1, dim=0)),
        ("twice", (2, 5), dict(n=2, dim=-1)),
        ("nothing_left", (2, 1), dict(n=1, dim=1)),
    ),
    *cases("torch.tile", ("fewer", (2, 3), dict(dims=[2])), ("more", (3,), dict(dims=[2, 2]))),
    *cases(
        "torch.repeat_interleave",
        ("rows", (2, 3), dict(repeats=2, dim=0)),
        ("last", (2, 1, 3), dict(repeats=3, dim=-1)),
        ("flat", (2, 2), dict(repeats=2)),
    ),
    case("torch.repeat_interleave", "list", normal(4, 2), integers(4, below=4), dim=0),
    *cases(
        "torch.movedim",
        ("one", (2, 3, 4), dict(source=[0], destination=[-1])),
        ("two", (2, 3, 1, 4), dict(source=[0, -1], destination=[2, 0])),
    ),
    *[
        case(op, name, normal(*shape), diagonal=diagonal)
        for op in ("torch.tril", "torch.triu")
        for name, shape, diagonal in (
            ("main", (3, 3), 0),
            ("above", (3, 4), 1),
            ("below", (4, 3), -1),
            ("batch", (2, 2, 3), 0),
            ("far", (2, 2), 5),
        )
    ],
    *cases(
        "torch.diagonal",
        ("main", (3, 4), dict(offset=0, dim1=0, dim2=1)),
        ("above", (3, 4), dict(offset=2, dim1=0, dim2=1)),
        ("below", (4, 2), dict(offset=-1, dim1=0, dim2=1)),
        ("batch", (2, 3, 2, 3), dict(offset=0, dim1=1, dim2=-1)),
        ("turned", (3, 2, 4), dict(offset=1, dim1=2, dim2=0)),
        ("outside", (2, 2), dict(offset=2, dim1=0, dim2=1)),
    ),
    *cases(
        "torch.diag",
        ("list", (3,), dict(diagonal=0)),
        ("list_below", (2,), dict(diagonal=-1)),
        ("matrix", (3, 4), dict(diagonal=1)),
    ),
    *cases(
        "torch.diag_embed",
        ("last", (2, 3), dict(offset=0, dim1=-2, dim2=-1)),
        ("above", (2, 2), dict(offset=1, dim1=0, dim2=2)),
        ("turned", (2, 2), dict(offset=-1, dim1=2, dim2=0)),
    ),
    *cases(
        "F.pixel_shuffle",
        ("two", (1, 8, 2, 3), dict(upscale_factor=2)),
        ("three", (9, 1, 2), dict(upscale_factor=3)),
    ),
    *cases(
        "F.pixel_unshuffle",
        ("two", (1, 2, 4, 6), dict(downscale_factor=2)),
        ("three", (1, 3, 6), dict(downscale_factor=3)),
    ),
    case("torch.meshgrid", "three", normal(2), normal(3), normal(1)),
    case("torch.cartesian_prod", "two", normal(3), normal(2)),
]
