"""Sums and other reductions."""

import torch
from cases import case, exactly, flags, nonzero, normal, ties

OPERATIONS = {
    "torch.argmax_all": lambda x: torch.argmax(x),
    "torch.max_all": lambda x: torch.max(x),
    "torch.min_all": lambda x: torch.min(x),
    "torch.median_all": lambda x: torch.median(x),
    "torch.norm": lambda x, **options: torch.norm(x, **options),
    "linalg.vector_norm": lambda x, ord, **options: torch.linalg.vector_norm(x, float(ord), **options),
    "torch.dist": lambda a, b, p: torch.dist(a, b, float(p)),
    "torch.cdist": lambda a, b, p: torch.cdist(a, b, float(p)),
    "torch.aminmax": lambda x, dim, keepdim: torch.aminmax(x, dim=dim, keepdim=keepdim),
}

DIMS = (("dim_0", [0]), ("dim_1", [1]), ("dim_last", [-1]), ("dims_0_2", [0, 2]), ("all", [0, 1, 2]))
INFINITE = [[float("-inf"), float("-inf")], [float("inf"), 1.0], [float("-inf"), 2.0], [3.0, 4.0]]
WITH_NAN = [[1.5, float("nan"), 2.0], [float("nan"), float("nan"), -1.0]]
WITH_ZERO = [[0.0, 0.0], [3.0, -4.0], [0.0, 5.0]]
# One zero, two, and none along the last dimension; and along the first.
ZEROS = [[2.0, 0.0, -1.5], [0.0, 0.5, 0.0], [1.5, -2.0, 0.25]]
LINES = (("rows", (3, 4), 0), ("columns", (3, 5), -1), ("middle", (2, 3, 2), 1), ("one", (1, 1), 0), ("list", (7,), 0))


def apart(*shape):
    """Numbers at least 0.1 apart."""
    return lambda rng: (rng.permutation(torch.Size(shape).numel()).reshape(shape) - 4.5) / 10.0


def along(op, draw=normal, **options):
    return [case(op, name, draw(*shape), dim=dim, **options) for name, shape, dim in LINES]


def kept(op, draw, names, **options):
    """With and without the dimension."""
    return [
        case(op, f"{name}_{keepdim}", draw(*shape), dim=dim, keepdim=keepdim, **options)
        for (name, shape, dim), keepdim in zip(names, (False, True, False, True, False))
    ]


CASES = [
    *[
        case("torch." + op, name + ("_keepdim" if keepdim else ""), normal(2, 3, 4), dim=dims, keepdim=keepdim)
        for op in ("sum", "mean")
        for name, dims in DIMS
        for keepdim in (False, True)
    ],
    # Along no dimensions is along all.
    *[
        case("torch." + op, "dims_none", normal(2, 3), dim=[], keepdim=False)
        for op in ("sum", "mean", "nansum", "amax", "amin")
    ],
    *[case("torch.prod", "all_" + name, draw) for name, draw in (("random", nonzero(2, 3)), ("scalar", normal()))],
    case("torch.prod", "all_one_zero", exactly([[2.0, 0.0], [-1.5, 0.5]])),
    case("torch.prod", "all_two_zeros", exactly([2.0, 0.0, -1.5, 0.0])),
    case("torch.prod", "all_three_zeros", exactly([0.0, 0.0, -1.5, 0.0])),
    case("torch.prod", "all_empty", normal(0, 2)),
    *kept("torch.prod", nonzero, LINES[:3]),
    # PyTorch divides by the elements: this one exactly.
    case("torch.prod", "one", exactly([[0.5]]), dim=0, keepdim=True),
    case("torch.prod", "zeros_last", exactly(ZEROS), dim=-1, keepdim=False),
    case("torch.prod", "zeros_first", exactly(ZEROS), dim=0, keepdim=True),
    case("torch.prod", "empty", normal(2, 0), dim=1, keepdim=False),
    *[
        case("torch." + op, f"{name}_{correction}", normal(2, 3, 4), dim=dims, correction=correction, keepdim=keepdim)
        for op in ("var", "std", "var_mean", "std_mean")
        for (name, dims), correction, keepdim in zip(DIMS[1:], (1, 0, 2, 0), (False, True, True, False))
    ],
    # PyTorch's second derivative there is NaN.
    case(
        "torch.std",
        "constant",
        exactly([[2.0, 1.0], [2.0, 3.0], [2.0, -1.5]]),
        dim=[0],
        correction=1,
        keepdim=False,
        second=False,
    ),
    case("torch.var", "constant", exactly([[2.0, 2.0, 2.0]]), dim=[1], correction=0, keepdim=False),
    case("torch.var", "large", normal(3, 5, shift=100.0), dim=[1], correction=1, keepdim=False, second=False),
    case("torch.var", "one", normal(1, 3), dim=[0], correction=0, keepdim=False),
    *kept("torch.max", apart, LINES),
    *kept("torch.min", apart, LINES),
    case("torch.max", "ties", ties(4, 5), dim=1, keepdim=False),
    case("torch.min", "ties", ties(4, 5), dim=0, keepdim=True),
    case("torch.max", "nan", exactly([[1.0, float("nan"), 3.0], [2.0, 1.0, 0.0]]), dim=1, keepdim=False),
    case("torch.min", "nan", exactly([[1.0, float("nan"), 3.0], [2.0, 1.0, 0.0]]), dim=1, keepdim=False),
    *[
        case(op, name, draw)
        for op in ("torch.max_all", "torch.min_all")
        for name, draw in (
            ("apart", apart(3, 4)),
            ("ties", ties(3, 4)),
            ("equal", exactly([1.5, 1.5, 1.5])),
            ("scalar", normal()),
        )
    ],
    *[
        case("torch." + op, f"{name}_{kind}", draw(2, 3, 4), dim=dims, keepdim=keepdim)
        for op in ("amax", "amin")
        for (name, dims), keepdim in zip(DIMS, (True, False, True, False, False))
        for kind, draw in (("apart", apart), ("ties", ties))
    ],
    case("torch.aminmax", "rows", apart(3, 4), dim=1, keepdim=False),
    *[
        case("torch." + op, name, draw, dim=dim)
        for op in ("argmax", "argmin")
        for name, draw, dim in (("apart", apart(3, 4), 0), ("ties", ties(3, 5), 1), ("last", apart(2, 3, 2), -1))
    ],
    case("torch.argmax_all", "ties", ties(3, 4)),
    *[
        case("torch.logsumexp", name, normal(2, 3, 4, scale=3.0), dim=dims, keepdim=keepdim)
        for (name, dims), keepdim in zip(DIMS, (True, False, True, False, True))
    ],
    case("torch.logsumexp", "infinite", exactly(INFINITE), dim=[1], keepdim=False, second=False),
    case("torch.logsumexp", "large", exactly([[1e4, 0.0, -1e4], [-1e4, -9000.0, -1e4]]), dim=[1], keepdim=False),
    case("torch.logsumexp", "empty", normal(0, 3), dim=[1], keepdim=False),
    *along("torch.cumsum"),
    case("torch.cumsum", "empty", normal(0, 3), dim=0),
    *[case("torch.cumprod", name, nonzero(*shape), dim=dim) for name, shape, dim in LINES if name != "one"],
    case("torch.cumprod", "one", exactly([[0.5]]), dim=0),
    case("torch.cumprod", "zeros_last", exactly(ZEROS), dim=1),
    case("torch.cumprod", "zeros_first", exactly(ZEROS), dim=0),
    case("torch.cumprod", "empty", normal(2, 0), dim=1),
    *along("torch.logcumsumexp"),
    case("torch.logcumsumexp", "wide", normal(3, 6, scale=3.0), dim=1),
    case("torch.logcumsumexp", "infinite", exactly([float("-inf"), 1.0, 2.0]), dim=0, second=False),
    *along("torch.cummax", apart),
    *along("torch.cummin", apart),
    case("torch.cummax", "ties", ties(3, 6), dim=1),
    case("torch.cummin", "ties", ties(3, 6), dim=0),
    *[
        case("linalg.vector_norm", f"{name}_{p}", nonzero(2, 3, 4), ord=str(p), dim=dims, keepdim=keepdim)
        for p in (1, 2, 3, 0.5, 1.5, -1, "inf", "-inf")
        for (name, dims), keepdim in zip(DIMS[2:5], (False, True, False))
    ],
    *[
        case("linalg.vector_norm", f"{name}_0", exactly([[0.0, 1.5], [0.0, 0.0], [2.0, -1.0]]), ord="0", dim=dims)
        for name, dims in (("rows", [1]), ("all", [0, 1]))
    ],
    *[
        # A norm of 0 has no second derivative.
        case("linalg.vector_norm", f"zero_{p}", exactly(WITH_ZERO), ord=str(p), dim=[1], second=False)
        for p in (1, 2, 3, 1.5, 0.5, "inf")
    ],
    case("linalg.vector_norm", "ties_inf", exactly([[2.0, -2.0, 1.0], [0.0, 0.0, 0.0]]), ord="inf", dim=[1]),
    case("torch.norm", "all", normal(3, 4), p=2),
    case("torch.norm", "small", normal(3, 4, scale=1e-3), p=2),
    *[case("torch.dist", str(p), normal(3, 4), normal(4), p=p) for p in (1, 2, 3)],
    *[
        case("torch.cdist", f"{name}_{p}", normal(*a), normal(*b), p=p)
        for name, a, b in (("matrices", (3, 4), (2, 4)), ("batch", (2, 2, 3), (2, 4, 3)))
        for p in (1, 2, 3)
    ],
    *[
        case("torch.sort", f"{name}_{descending}", apart(*shape), dim=dim, descending=descending)
        for name, shape, dim in LINES
        for descending in (False, True)
    ],
    case("torch.sort", "ties", ties(3, 6), dim=1, descending=False, stable=True),
    case("torch.sort", "ties_descending", ties(3, 6), dim=1, descending=True, stable=True),
    case("torch.sort", "nan", exactly([1.0, float("nan"), -1.0, 3.0]), dim=0, descending=True, stable=True),
    case("torch.argsort", "ties", ties(3, 6), dim=0, descending=True, stable=True),
    *[
        case("torch.topk", f"{name}_{largest}", apart(*shape), k=k, dim=dim, largest=largest)
        for name, shape, k, dim in (
            ("rows", (4, 3), 2, 0),
            ("columns", (2, 6), 3, -1),
            ("all", (4,), 4, 0),
            ("none", (2, 3), 0, 1),
        )
        for largest in (True, False)
    ],
    *kept("torch.kthvalue", apart, LINES[1:4], k=1),
    case("torch.kthvalue", "third", apart(2, 5), k=3, dim=1, keepdim=False),
    *kept("torch.median", apart, LINES),
    case("torch.median", "even", apart(2, 6), dim=1, keepdim=True),
    case("torch.median", "nan", exactly([[1.0, float("nan"), 3.0], [3.0, 1.0, 2.0]]), dim=1, keepdim=False),
    *[
        case("torch.median_all", name, draw)
        for name, draw in (
            ("odd", apart(3, 3)),
            ("even", apart(2, 3)),
            ("ties", exactly([1.0, 2.0, 2.0, 2.0, 3.0])),
            ("scalar", normal()),
        )
    ],
    *[
        case("torch." + op, name, exactly(values), dim=dims, keepdim=keepdim)
        for op in ("nansum", "nanmean")
        for name, values, dims, keepdim in (
            ("rows", WITH_NAN, [0], False),
            ("columns", WITH_NAN, [1], True),
            ("all", WITH_NAN, [0, 1], False),
        )
    ],
    *[
        case("torch.quantile", f"{name}_{q}", apart(*shape), q=q, dim=dim, keepdim=q == 0.5)
        for name, shape, dim in LINES
        for q in (0.0, 0.3, 0.5, 1.0)
    ],
    case("torch.quantile", "nan", exactly([[1.0, float("nan"), 2.0], [3.0, 1.0, 2.0]]), q=0.4, dim=1, keepdim=False),
    *[
        case("torch." + op, name, flags(*shape, share=0.7), dim=dim, keepdim=keepdim)
        for op in ("all", "any")
        for name, shape, dim, keepdim in (
            ("rows", (4, 3), 0, False),
            ("columns", (4, 2), -1, True),
            ("batch", (2, 3, 2), 1, False),
            ("empty", (0, 2), 0, False),
        )
    ],
    *[
        case("torch.count_nonzero", name, draw, dim=dims)
        for name, draw, dims in (
            ("rows", flags(4, 3), [0]),
            ("all", ties(3, 4), [0, 1]),
            ("last", exactly([[0, 3, 0], [1, 2, 0]]), [-1]),
            ("empty", flags(0, 2), [0]),
        )
    ],
]
