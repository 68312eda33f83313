"""Sums and other reductions."""

from cases import case, normal

CASES = [
    *[
        case("torch." + op, name + ("_keepdim" if keepdim else ""), normal(2, 3, 4), dim=dims, keepdim=keepdim)
        for op in ("sum", "mean")
        for name, dims in (("dim_0", [0]), ("dim_1", [1]), ("dim_last", [-1]), ("dims_0_2", [0, 2]), ("all", [0, 1, 2]))
        for keepdim in (False, True)
    ],
]
