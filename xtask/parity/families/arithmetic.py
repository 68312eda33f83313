"""Sums, differences, products, quotients and powers; bounds, choices and comparisons."""

import torch

from cases import case, exactly, flags, nonzero, normal, positive, ties, uniform

INFINITY, NAN = float("inf"), float("nan")
INFINITIES = [INFINITY, INFINITY, -INFINITY, -INFINITY]

PAIRS = (
    ("same", (2, 3), (2, 3)),
    ("column_row", (3, 1), (1, 4)),
    ("trailing", (2, 3, 4), (4,)),
    ("leading", (4,), (2, 3, 4)),
    ("scalar", (2, 3), ()),
    ("scalar_first", (), (2, 3)),
    ("scalars", (), ()),
    ("empty", (0, 3), (3,)),
)
FEW = PAIRS[1], PAIRS[3], PAIRS[6], PAIRS[7]
SPECIAL = [[0.0, 1.0, -1.0], [INFINITY, -INFINITY, NAN], [2.0, -0.5, 0.5]]

# PyTorch's own operators with the number first.
OPERATIONS = {
    "radd": lambda x, number: number + x,
    "rsub": lambda x, number: number - x,
    "rmul": lambda x, number: number * x,
    "rdiv": lambda x, number: number / x,
    "rpow": lambda x, base: torch.pow(base, x),
    "where_number": lambda mask, x, number: torch.where(mask, x, number),
    "compare_number": lambda x, comparison, number: getattr(torch, comparison)(x, number),
}

CASES = [
    *[
        case("torch." + op, name, normal(*a), (nonzero if op == "div" else normal)(*b))
        for op in ("add", "sub", "mul", "div")
        for name, a, b in PAIRS
    ],
    *[
        case(op, name, (nonzero if op == "rdiv" else normal)(*shape), number=1.5)
        for op in ("radd", "rsub", "rmul", "rdiv")
        for name, shape in (("random", (3, 5)), ("scalar", ()))
    ],
    # Powers.
    *[
        case("torch.pow", f"to_{exponent}".replace(".", "_"), draw(3, 5), exponent=exponent)
        for exponent, draw in (
            (2.0, normal),
            (3.0, normal),
            (4.0, nonzero),
            (1.0, normal),
            (0.0, normal),
            (0.5, positive),
            (-1.0, nonzero),
            (-2.0, nonzero),
            (1.7, positive),
            (-0.5, positive),
        )
    ],
    # At 0, second derivatives are products of 0 and infinity.
    *[
        case("torch.pow", f"zero_to_{n}".replace(".", "_"), exactly([0.0, 1.0, 2.0]), second=False, exponent=n)
        for n in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, -1.0)
    ],
    *[case("torch.pow", "tensors_" + name, positive(*a), normal(*b)) for name, a, b in PAIRS],
    case("torch.pow", "zeros", exactly([0.0, 0.0, 0.0, 2.0, 3.0]), exactly([0.0, 1.0, 2.0, 0.0, 1.0]), second=False),
    case("torch.pow", "negative_base", exactly([-2.0, -1.5]), exactly([2.0, 3.0]), second=False),
    *[case("rpow", f"base_{base}".replace(".", "_"), normal(3, 5), base=base) for base in (2.0, 0.3, 1.0)],
    case("rpow", "base_zero", exactly([1.0, 2.0, 0.0]), base=0.0),
    case("rpow", "scalar", normal(), base=1.3),
    case("torch.square", "random", normal(3, 5)),
    case("torch.square", "scalar", normal()),
    case("torch.square", "empty", normal(0, 2)),
    # Bounds.
    *[
        case("torch.clamp", name, normal(4, 7), **bounds)
        for name, bounds in (
            ("both", dict(min=-0.5, max=0.25)),
            ("below", dict(min=-0.3)),
            ("above", dict(max=0.3)),
            ("crossed", dict(min=0.5, max=-0.5)),
        )
    ],
    case("torch.clamp", "at_bounds", exactly([[-1.0, -0.5, 0.0], [0.5, 1.0, NAN]]), min=-0.5, max=0.5),
    case("torch.clamp", "at_one_bound", exactly([INFINITY, 0.5, -INFINITY]), min=0.5),
    case("torch.clamp", "scalar", normal(), min=-9.0, max=9.0),
    case("torch.clamp", "empty", normal(0, 3), min=0.0),
    *[
        case("torch." + op, name, *inputs)
        for op in ("maximum", "minimum")
        for name, inputs in (
            *[(name, (normal(*a), normal(*b))) for name, a, b in PAIRS],
            ("ties", (ties(5, 7), ties(5, 7))),
            ("ties_broadcast", (ties(5, 1), ties(4))),
            ("nan", (exactly([1.0, NAN, 2.0, INFINITY]), exactly([NAN, 1.0, 2.0, INFINITY]))),
        )
    ],
    # Choices.
    *[
        case("torch.where", name, flags(*mask), normal(*a), normal(*b))
        for name, mask, a, b in (
            ("same", (3, 4), (3, 4), (3, 4)),
            ("mask_row", (4,), (3, 4), (3, 1)),
            ("mask_wide", (2, 3, 4), (4,), (3, 1)),
            ("scalars", (), (), ()),
            ("scalar_inputs", (2, 3), (), ()),
            ("empty", (0, 3), (3,), (1, 1)),
        )
    ],
    case("torch.where", "not_chosen", exactly([True, False]), exactly([1.0, NAN]), exactly([INFINITY, 2.0])),
    case("where_number", "random", flags(3, 5), normal(3, 5), number=0.5),
    case("where_number", "broadcast", flags(3, 1), normal(5), number=-2.0),
    # Remainders. Second derivatives are nothing.
    *[
        case("torch." + op, name, normal(*a, scale=3.0), nonzero(*b), second=False)
        for op in ("fmod", "remainder")
        for name, a, b in FEW
    ],
    *[
        case("torch." + op, "edges", exactly([3.0, -3.0, 3.0, 0.0]), exactly(INFINITIES), second=False)
        for op in ("fmod", "remainder")
    ],
    *[
        case("torch." + op, name, draw, other=other)
        for op in ("fmod", "remainder")
        for name, draw, other in (
            ("number", normal(3, 5, scale=3.0), 1.3),
            ("negative", normal(3, 5, scale=3.0), -0.7),
            ("exact", exactly([-6.0, -5.0, -3.0, 0.0, 3.0, 5.0, 6.0]), 3.0),
        )
    ],
    # Interpolation and added products.
    *[
        case("torch.lerp", f"number_{weight}".replace(".", "_"), normal(3, 1), normal(4), weight=weight)
        for weight in (0.0, 0.3, 0.5, 1.0, 1.7)
    ],
    case("torch.lerp", "same", normal(2, 3), normal(2, 3), uniform(2, 3)),
    case("torch.lerp", "row", normal(2, 3), normal(3), uniform(3)),
    case("torch.lerp", "scalars", normal(), normal(), uniform()),
    *[
        case("torch." + op, name, normal(*a), normal(*b), nonzero(*b), value=0.7)
        for op in ("addcmul", "addcdiv")
        for name, a, b in FEW
    ],
    # Comparisons.
    *[
        case("torch." + op, name, *inputs, second=False)
        for op in ("eq", "ne", "lt", "le", "gt", "ge")
        for name, inputs in (
            ("ties", (ties(5, 1), ties(4))),
            ("special", (exactly(SPECIAL), exactly([[0.0], [NAN], [0.5]]))),
        )
    ],
    *[
        case("compare_number", op, exactly(SPECIAL), second=False, comparison=op, number=0.5)
        for op in ("eq", "ne", "lt", "le", "gt", "ge")
    ],
    *[case("torch." + op, "special", exactly(SPECIAL), second=False) for op in ("isnan", "isinf", "isfinite")],
    *[case("torch." + op, "row", flags(3, 1), flags(4)) for op in ("logical_and", "logical_or", "logical_xor")],
    case("torch.logical_not", "random", flags(3, 4)),
]
