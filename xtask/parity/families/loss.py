"""Losses."""

from cases import case, exactly, integers, normal

CASES = [
    case("F.cross_entropy", "mean", normal(5, 7), integers(5, below=7), reduction="mean"),
    case("F.cross_entropy", "sum", normal(5, 7), integers(5, below=7), reduction="sum"),
    case("F.cross_entropy", "none", normal(5, 7), integers(5, below=7), reduction="none"),
    case("F.cross_entropy", "batch_1", normal(1, 7), integers(1, below=7), reduction="mean"),
    case(
        "F.cross_entropy",
        "large",
        exactly([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4], [1e4, 9999.0, -1e4]]),
        exactly([1, 2, 1]),
        reduction="mean",
    ),
    case("F.cross_entropy", "large_random", normal(6, 5, scale=1e4), integers(6, below=5), reduction="sum"),
    case("F.cross_entropy", "equal_1e8", exactly([[1e8, 1e8]]), exactly([1]), reduction="mean"),
    case("F.cross_entropy", "far_apart", exactly([[-431.0, 279.0, 427.0]]), exactly([0]), reduction="mean"),
    *[case("F.mse_loss", reduction, normal(4, 3), normal(4, 3), reduction=reduction) for reduction in ("mean", "sum", "none")],
]
