"""Activations, elementwise and over a dimension."""

from cases import case, exactly, normal

LARGE = [[1e4, -1e4, 9999.0], [89.0, 88.5, -104.0], [1e8, 1e8, 0.0]]

CASES = [
    case("F.relu", "zeros", exactly([[-1.5, 0.0, 2.0], [0.0, -0.25, 0.75], [1e-30, -1e-30, 0.0]])),
    case("F.relu", "random", normal(3, 4, 5)),
    *[
        case(op, name + options.get("approximate", ""), normal(*shape, scale=scale), **options)
        for op, options in (
            ("F.gelu", dict(approximate="none")),
            ("F.gelu", dict(approximate="tanh")),
            ("F.silu", {}),
            ("torch.sigmoid", {}),
            ("torch.tanh", {}),
        )
        for name, shape, scale in (("random", (5, 7), 1.0), ("wide", (3, 11), 4.0), ("scalar", (), 1.0))
    ],
    *[
        case(op, name, inputs, dim=dim)
        for op in ("F.softmax", "F.log_softmax")
        for name, inputs, dim in (
            ("rank_2", normal(3, 5), -1),
            ("rank_3", normal(2, 3, 4), -1),
            ("first", normal(4, 3), 0),
            ("middle", normal(2, 3, 4), 1),
            ("large", exactly(LARGE), -1),
        )
    ],
]
