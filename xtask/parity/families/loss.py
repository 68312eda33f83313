"""Losses."""

import torch
import torch.nn.functional as F
from cases import case, exactly, integers, normal, uniform


def class_weights(like):
    """1/4, 2/4, .. 5/4 and again."""
    classes = like.shape[1 if like.dim() > 1 else 0]
    return (torch.arange(classes) % 5 + 1).to(like.dtype) / 4


def with_class_weights(function):
    """Class weights have no gradient in PyTorch: they are made here, not an input."""

    def operation(x, target, weighted=False, **options):
        return function(x, target, weight=class_weights(x) if weighted else None, **options)

    return operation


def probabilities(x, target, weighted=False, direct=False, **options):
    """Targets are what softmax makes of the second input, or that as it is."""
    target = target if direct else F.softmax(target, 1 if x.dim() > 1 else 0)
    return F.cross_entropy(x, target, weight=class_weights(x) if weighted else None, **options)


OPERATIONS = {
    "F.cross_entropy": with_class_weights(F.cross_entropy),
    "F.nll_loss": with_class_weights(F.nll_loss),
    "gradus.cross_entropy_probabilities": probabilities,
}

REDUCTIONS = ("mean", "sum", "none")
IGNORED = [2, -100, 0, 6, -100]

CASES = [
    *[
        case("F.cross_entropy", reduction, normal(5, 7), integers(5, below=7), reduction=reduction)
        for reduction in REDUCTIONS
    ],
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
    case("F.cross_entropy", "falling", exactly([[-float(k) for k in range(300)]]), exactly([7]), reduction="mean"),
    case("F.cross_entropy", "masked", exactly([[0.5, -torch.inf, 1.0]]), exactly([0]), reduction="mean"),
    case("F.cross_entropy", "vector", normal(5), exactly(3)),
    case("F.cross_entropy", "images", normal(2, 3, 2, 4), integers(2, 2, 4, below=3)),
    case("F.cross_entropy", "images_none", normal(2, 3, 4), integers(2, 4, below=3), reduction="none"),
    case("F.cross_entropy", "empty", normal(0, 3), integers(0, below=3), reduction="sum"),
    case("F.cross_entropy", "one_class", normal(4, 1), integers(4, below=1)),
    *[
        case("F.cross_entropy", f"weight_{reduction}", normal(5, 7), exactly(IGNORED), reduction=reduction, weighted=True)
        for reduction in REDUCTIONS
    ],
    *[
        case("F.cross_entropy", f"ignored_{reduction}", normal(5, 7), exactly(IGNORED), reduction=reduction)
        for reduction in REDUCTIONS
    ],
    case("F.cross_entropy", "ignore_index", normal(5, 3), exactly([0, 1, 2, 1, 0]), ignore_index=1),
    case("F.cross_entropy", "all_ignored", normal(2, 3), exactly([-100, -100]), reduction="sum"),
    *[
        case("F.cross_entropy", f"smooth_{reduction}", normal(5, 7), integers(5, below=7), reduction=reduction, label_smoothing=0.2)
        for reduction in REDUCTIONS
    ],
    *[
        case(
            "F.cross_entropy",
            f"smooth_weight_ignored_{reduction}",
            normal(5, 7),
            exactly(IGNORED),
            reduction=reduction,
            label_smoothing=0.3,
            weighted=True,
        )
        for reduction in REDUCTIONS
    ],
    case("F.cross_entropy", "smooth_whole", normal(3, 4), integers(3, below=4), label_smoothing=1.0),
    case("F.cross_entropy", "smooth_images", normal(2, 3, 4), integers(2, 4, below=3), label_smoothing=0.1, weighted=True),
    *[
        case("gradus.cross_entropy_probabilities", reduction, normal(4, 5), normal(4, 5), reduction=reduction)
        for reduction in REDUCTIONS
    ],
    case("gradus.cross_entropy_probabilities", "vector", normal(5), normal(5)),
    case("gradus.cross_entropy_probabilities", "images", normal(2, 3, 4), normal(2, 3, 4), weighted=True),
    case("gradus.cross_entropy_probabilities", "images_none", normal(2, 3, 4), normal(2, 3, 4), reduction="none"),
    case("gradus.cross_entropy_probabilities", "smooth", normal(4, 5), normal(4, 5), label_smoothing=0.2),
    case("gradus.cross_entropy_probabilities", "hard", normal(2, 3), exactly([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]), direct=True),
    *[
        case("F.nll_loss", f"weight_{reduction}", normal(5, 7), exactly(IGNORED), reduction=reduction, weighted=True)
        for reduction in REDUCTIONS
    ],
    *[
        case("F.nll_loss", f"plain_{reduction}", normal(5, 7), integers(5, below=7), reduction=reduction)
        for reduction in REDUCTIONS
    ],
    case("F.nll_loss", "images", normal(2, 3, 2, 2), integers(2, 2, 2, below=3), reduction="none"),
    case("F.nll_loss", "vector", normal(4), exactly(2)),
    case("F.nll_loss", "ignore_index", normal(4, 3), exactly([0, 1, 1, 2]), ignore_index=1),
    case("F.nll_loss", "images_mean", normal(2, 3, 4), integers(2, 4, below=3), weighted=True),
    *[case("F.mse_loss", reduction, normal(4, 3), normal(4, 3), reduction=reduction) for reduction in REDUCTIONS],
]
