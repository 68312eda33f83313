"""Functions of each element."""

from cases import case, normal, positive

CASES = [
    *[
        case("torch." + op, name, normal(*shape, scale=scale))
        for op in ("exp", "erf")
        for name, shape, scale in (("random", (5, 7), 1.0), ("wide", (3, 11), 4.0), ("scalar", (), 1.0))
    ],
    *[
        case("torch." + op, name, positive(*shape))
        for op in ("log", "sqrt")
        for name, shape in (("random", (5, 7)), ("scalar", ()))
    ],
]
