"""Elements chosen by place."""

import torch
import torch.nn.functional as F
from cases import case, exactly, flags, integers, normal, ties

INFINITY = float("inf")


def along(name):
    """An operation of a tensor, a dimension and indices, and perhaps more tensors."""
    return lambda x, indices, *others, dim, **options: getattr(x, name)(dim, indices, *others, **options)


def index_put(x, values, *lists, accumulate):
    return x.index_put(lists, values, accumulate)


OPERATIONS = {
    **{
        "torch." + name: along(name)
        for name in (
            "index_select",
            "gather",
            "scatter",
            "scatter_add",
            "scatter_reduce",
            "index_add",
            "index_copy",
            "index_fill",
        )
    },
    "Tensor.masked_fill": lambda x, mask, value: x.masked_fill(mask, value),
    "Tensor.index": lambda x, *lists: x[lists],
    "Tensor.index_put": index_put,
    "torch.nonzero": lambda x: torch.nonzero(x),
    "F.one_hot": lambda x, num_classes=-1: F.one_hot(x, num_classes),
}

EMBEDDINGS = (
    ("repeated", integers(3, 5, below=7), normal(7, 4)),
    ("unused", integers(4, below=20), normal(20, 3)),
    ("scalar", exactly(2), normal(4, 5)),
)

# Pairs that `gather` and `scatter` take: shapes of the tensor and of the indices, all of them different along `dim`.
DISTINCT = (
    ("rows", (4, 3), exactly([[3, 0, 1], [1, 2, 0]]), (2, 3), 0),
    ("columns", (2, 5), exactly([[4, 0, 2], [1, 3, 0]]), (2, 3), 1),
    ("smaller", (3, 4, 2), exactly([[[3], [0]], [[1], [2]]]), (2, 2, 1), 1),
    ("none", (3, 2), exactly([[], [], []], "int64"), (3, 0), 1),
    ("list", (5,), exactly([2, 4, 0]), (3,), -1),
)
# The same with indices that come twice.
REPEATED = (
    ("repeated", (3, 4), integers(5, 4, below=3), (5, 4), 0),
    ("repeated_last", (2, 3, 2), integers(2, 3, 6, below=2), (2, 3, 6), -1),
)
LISTS = (
    ("rows", (4, 3), exactly([2, 0, 2, 3]), (4, 3), 0),
    ("columns", (2, 5), exactly([4, 4, 1]), (2, 3), 1),
    ("middle", (2, 3, 2), exactly([2, 0]), (2, 2, 2), -2),
    ("none", (3, 2), exactly([], "int64"), (0, 2), 0),
    ("list", (5,), exactly([2, 4, 0]), (3,), -1),
)
UNIQUE = (
    ("rows", (4, 3), exactly([2, 0, 3]), (3, 3), 0),
    ("columns", (2, 5), exactly([4, 1]), (2, 2), 1),
    ("list", (5,), exactly([2, 4, 0]), (3,), -1),
)
MASKS = (
    ("same", (3, 4), (3, 4)),
    ("row", (3, 4), (4,)),
    ("column", (2, 3, 2), (3, 1)),
    ("widens", (3,), (2, 3)),
    ("scalar", (), ()),
    ("empty", (0, 2), (2,)),
)

CASES = [
    *[case("F.embedding", name, *inputs) for name, *inputs in EMBEDDINGS],
    *[
        # PyTorch leaves the frequency out of second derivatives.
        case("F.embedding", f"{name}_{option}", *inputs, second=option == "padding", **options)
        for name, *inputs in EMBEDDINGS[:2]
        for option, options in (("padding", dict(padding_idx=2)), ("frequency", dict(scale_grad_by_freq=True)))
    ],
    *[case("torch.index_select", name, normal(*shape), indices, dim=dim) for name, shape, indices, _, dim in LISTS],
    *[
        case("torch.gather", name, normal(*shape), indices, dim=dim)
        for name, shape, indices, _, dim in (*DISTINCT, *REPEATED)
    ],
    *[
        case("torch.scatter", name, normal(*shape), indices, normal(*source), dim=dim)
        for name, shape, indices, source, dim in DISTINCT
    ],
    *[
        case("torch.scatter", name + "_value", normal(*shape), indices, dim=dim, value=1.5)
        for name, shape, indices, _, dim in DISTINCT
    ],
    *[
        case("torch.scatter_add", name, normal(*shape), indices, normal(*source), dim=dim)
        for name, shape, indices, source, dim in (*DISTINCT, *REPEATED)
    ],
    *[
        case("torch.scatter_reduce", f"{name}_{reduce}_{include_self}", normal(*shape), indices, normal(*source), **options)
        for name, shape, indices, source, dim in (DISTINCT[0], *REPEATED)
        for reduce in ("sum", "mean", "amax", "amin")
        for include_self in (True, False)
        for options in [dict(dim=dim, reduce=reduce, include_self=include_self)]
    ],
    *[
        # The greatest and the least of equals share their gradient.
        case("torch.scatter_reduce", f"ties_{reduce}", ties(3), integers(7, below=3), ties(7), dim=0, reduce=reduce)
        for reduce in ("amax", "amin")
    ],
    *[
        # What is left out does not matter.
        case(
            "torch.scatter_reduce",
            f"left_out_{reduce}",
            exactly([INFINITY, -INFINITY, 1.0]),
            integers(5, below=3),
            normal(5),
            dim=0,
            reduce=reduce,
            include_self=False,
        )
        for reduce in ("sum", "mean", "amax", "amin")
    ],
    *[
        case("torch.index_add", name, normal(*shape), indices, normal(*source), dim=dim, alpha=alpha)
        for (name, shape, indices, source, dim), alpha in zip(LISTS, (1, -0.5, 2, 1, 3))
    ],
    *[
        case("torch.index_copy", name, normal(*shape), indices, normal(*source), dim=dim)
        for name, shape, indices, source, dim in UNIQUE
    ],
    *[
        case("torch.index_fill", name, normal(*shape), indices, dim=dim, value=-2.0)
        for name, shape, indices, _, dim in LISTS
    ],
    *[
        case("Tensor.masked_fill", name, normal(*shape), flags(*mask), value=0.5)
        for name, shape, mask in MASKS
        if name != "widens"
    ],
    *[case("torch.masked_select", name, normal(*shape), flags(*mask)) for name, shape, mask in MASKS],
    case("Tensor.masked_scatter", "same", normal(3, 4), flags(3, 4), normal(12)),
    case("Tensor.masked_scatter", "row", normal(2, 3), flags(3), normal(2, 4)),
    case("torch.take", "matrix", normal(3, 4), integers(2, 5, below=12)),
    case("torch.take", "scalar", normal(3), exactly(1)),
    case("torch.take_along_dim", "rows", normal(3, 4), integers(2, 4, below=3), dim=0),
    case("torch.take_along_dim", "broadcast", normal(3, 4), integers(1, 2, below=4), dim=1),
    case("torch.take_along_dim", "wide", normal(1, 4), integers(3, 2, below=4), dim=1),
    case("Tensor.index", "rows", normal(4, 3), exactly([2, 0, 2])),
    case("Tensor.index", "pairs", normal(4, 3), exactly([2, 0, -1]), exactly([1, 1, -3])),
    case("Tensor.index", "grid", normal(4, 3, 2), exactly([[2], [0]]), exactly([0, 2, 1])),
    case("Tensor.index_put", "rows", normal(4, 3), normal(2, 3), exactly([2, 0]), accumulate=False),
    case("Tensor.index_put", "pairs", normal(4, 3), normal(2), exactly([2, -1]), exactly([1, 2]), accumulate=False),
    case("Tensor.index_put", "added", normal(4, 3), normal(3, 3), exactly([2, 0, 2]), accumulate=True),
    case("Tensor.index_put", "broadcast", normal(4, 3), normal(3), exactly([3, 3]), accumulate=True),
    case("torch.nonzero", "matrix", exactly([[0, 3], [-1, 0], [2, 2]])),
    case("torch.nonzero", "mask", flags(2, 3, 2)),
    case("torch.nonzero", "none", exactly([0, 0])),
    case("F.one_hot", "given", integers(2, 3, below=4), num_classes=5),
    case("F.one_hot", "largest", exactly([1, 0, 3])),
]
