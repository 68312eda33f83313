"""Sums, differences, products and quotients."""

from cases import case, nonzero, normal

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

CASES = [
    *[
        case("torch." + op, name, normal(*a), (nonzero if op == "div" else normal)(*b))
        for op in ("add", "sub", "mul", "div")
        for name, a, b in PAIRS
    ],
]
