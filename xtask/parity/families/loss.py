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


def with_weights(function):
    """Weights of the last dimension, and of what is there: constants."""

    def operation(x, target, weighted=False, pos_weighted=False, **options):
        if weighted:
            options["weight"] = class_weights(x.reshape(1, -1) if x.dim() < 2 else x.movedim(-1, 1))
        if pos_weighted:
            options["pos_weight"] = 1.5 - class_weights(x.movedim(-1, 1))
        return function(x, target, **options)

    return operation


def signs(function):
    """The last input holds 1 and -1, as whole numbers: it has no gradient."""
    return lambda *inputs, **options: function(*inputs[:-1], inputs[-1].to(inputs[0].dtype), **options)


def ctc(logits, targets, logs=False, **options):
    """Of logits, or with `logs` of what counts as logarithms of probabilities, whatever it is."""
    return F.ctc_loss(logits if logs else F.log_softmax(logits, -1), targets, **options)


def triplet_of_l1(anchor, positive, negative, **options):
    def distance(a, b):
        return (a - b).abs().sum(-1)

    return F.triplet_margin_with_distance_loss(anchor, positive, negative, distance_function=distance, **options)


OPERATIONS = {
    "F.binary_cross_entropy": with_weights(F.binary_cross_entropy),
    "F.binary_cross_entropy_with_logits": with_weights(F.binary_cross_entropy_with_logits),
    "F.multilabel_soft_margin_loss": with_weights(F.multilabel_soft_margin_loss),
    "F.hinge_embedding_loss": signs(F.hinge_embedding_loss),
    "F.cosine_embedding_loss": signs(F.cosine_embedding_loss),
    "F.margin_ranking_loss": signs(F.margin_ranking_loss),
    "F.soft_margin_loss": signs(F.soft_margin_loss),
    "F.multi_margin_loss": with_class_weights(F.multi_margin_loss),
    "F.triplet_margin_with_distance_loss": triplet_of_l1,
    "F.ctc_loss": ctc,
    "F.cross_entropy": with_class_weights(F.cross_entropy),
    "F.nll_loss": with_class_weights(F.nll_loss),
    "gradus.cross_entropy_probabilities": probabilities,
}

REDUCTIONS = ("mean", "sum", "none")
IGNORED = [2, -100, 0, 6, -100]

# Differences of the first row from that of the second stay away from 0, 0.7 and 1.
NEAR = exactly([[0.1, -0.3, 0.45], [0.6, -0.2, 0.9], [2.0, -3.0, 1.5], [0.25, 5.0, -7.0]])
ZERO = exactly([[0.0] * 3] * 4)


def plus_or_minus(*shape):
    return lambda rng: rng.choice([-1, 1], shape)


def every_reduction(op, *inputs, second=True, reductions=REDUCTIONS, prefix="", **options):
    """A case for each reduction."""
    return [
        case(op, prefix + reduction, *inputs, second=second, reduction=reduction, **options) for reduction in reductions
    ]


TRIPLET = (normal(4, 3), normal(4, 3), normal(4, 3))
CTC = dict(input_lengths=[6, 5], target_lengths=[3, 2])

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
    *every_reduction("F.mse_loss", normal(4, 3), normal(4, 3)),
    case("F.mse_loss", "scalar", normal(), normal()),
    *every_reduction("F.l1_loss", normal(4, 3), normal(4, 3)),
    case("F.l1_loss", "scalar", normal(), normal()),
    case("F.l1_loss", "equal", exactly([1.5, -2.0, 0.25]), exactly([1.5, 2.0, 0.25]), reduction="sum"),
    case("F.l1_loss", "empty", normal(0, 3), normal(0, 3), reduction="sum"),
    case("F.l1_loss", "large", normal(5, scale=1e8), normal(5, scale=1e8)),
    *every_reduction("F.smooth_l1_loss", NEAR, ZERO),
    case("F.smooth_l1_loss", "beta", NEAR, ZERO, beta=0.7),
    case("F.smooth_l1_loss", "beta_0", normal(3, 2), normal(3, 2), beta=0.0),
    case("F.smooth_l1_loss", "scalar", normal(), normal()),
    case("F.smooth_l1_loss", "large", normal(5, scale=1e8), normal(5, scale=1e8), reduction="sum"),
    *every_reduction("F.huber_loss", NEAR, ZERO),
    case("F.huber_loss", "delta", NEAR, ZERO, delta=0.7),
    case("F.huber_loss", "scalar", normal(), normal()),
    case("F.huber_loss", "large", normal(5, scale=1e8), normal(5, scale=1e8), delta=2.5),
    *every_reduction("F.binary_cross_entropy", uniform(4, 3, low=0.1, high=0.9), uniform(4, 3)),
    case("F.binary_cross_entropy", "weighted", uniform(4, 3, low=0.1, high=0.9), uniform(4, 3), weighted=True),
    case("F.binary_cross_entropy", "scalar", uniform(low=0.2, high=0.8), uniform()),
    case("F.binary_cross_entropy", "hard", uniform(5, low=0.1, high=0.9), exactly([0.0, 1.0, 1.0, 0.0, 1.0])),
    *every_reduction("F.binary_cross_entropy_with_logits", normal(4, 3, scale=3.0), uniform(4, 3)),
    case("F.binary_cross_entropy_with_logits", "weighted", normal(4, 3), uniform(4, 3), weighted=True),
    case("F.binary_cross_entropy_with_logits", "pos_weighted", normal(4, 3), uniform(4, 3), pos_weighted=True),
    case(
        "F.binary_cross_entropy_with_logits",
        "both_weights",
        normal(2, 2, 3),
        uniform(2, 2, 3),
        weighted=True,
        pos_weighted=True,
        reduction="none",
    ),
    case("F.binary_cross_entropy_with_logits", "scalar", normal(), uniform()),
    case(
        "F.binary_cross_entropy_with_logits",
        "large",
        exactly([1e8, -1e8, 1e4, -1e4, 89.0, 0.5]),
        exactly([1.0, 0.0, 0.0, 1.0, 0.5, 0.0]),
        reduction="none",
    ),
    *every_reduction("F.kl_div", normal(4, 3), uniform(4, 3, low=0.1), reductions=REDUCTIONS + ("batchmean",)),
    *every_reduction(
        "F.kl_div", normal(4, 3), normal(4, 3), reductions=REDUCTIONS + ("batchmean",), prefix="log_", log_target=True
    ),
    case("F.kl_div", "vector", normal(5), uniform(5, low=0.1), reduction="batchmean"),
    *every_reduction("F.poisson_nll_loss", normal(4, 3), uniform(4, 3, high=5.0)),
    case("F.poisson_nll_loss", "full", normal(4, 3), uniform(4, 3, low=1.2, high=9.0), full=True),
    case("F.poisson_nll_loss", "full_small", normal(4), exactly([0.5, 1.0, 2.0, 7.0]), full=True, reduction="none"),
    case("F.poisson_nll_loss", "rate", uniform(4, 3, low=0.5, high=3.0), uniform(4, 3, high=5.0), log_input=False),
    case(
        "F.poisson_nll_loss",
        "rate_full",
        uniform(4, 3, low=0.5, high=3.0),
        uniform(4, 3, low=1.2, high=5.0),
        log_input=False,
        full=True,
        eps=0.1,
    ),
    *every_reduction("F.gaussian_nll_loss", normal(4, 3), normal(4, 3), uniform(4, 3, low=0.2, high=2.0)),
    case("F.gaussian_nll_loss", "full", normal(4, 3), normal(4, 3), uniform(4, 3, low=0.2, high=2.0), full=True),
    case("F.gaussian_nll_loss", "rows", normal(4, 3), normal(4, 3), uniform(4, low=0.2, high=2.0)),
    case("F.gaussian_nll_loss", "rows_of_1", normal(4, 3), normal(4, 3), uniform(4, 1, low=0.2, high=2.0)),
    case("F.gaussian_nll_loss", "least", normal(3), normal(3), exactly([0.01, 0.0, 2.0]), eps=0.25, reduction="sum"),
    *every_reduction("F.hinge_embedding_loss", NEAR, plus_or_minus(4, 3)),
    case("F.hinge_embedding_loss", "margin", NEAR, plus_or_minus(4, 3), margin=0.7),
    case("F.hinge_embedding_loss", "at_margin", exactly([1.0, 0.0, 1.0]), exactly([-1, -1, 1]), second=False),
    *every_reduction("F.cosine_embedding_loss", normal(4, 3), normal(4, 3), plus_or_minus(4)),
    case("F.cosine_embedding_loss", "margin", normal(5, 2), normal(5, 2), exactly([-1] * 5), margin=0.3),
    case("F.cosine_embedding_loss", "vector", normal(5), normal(5), exactly(1)),
    *every_reduction("F.margin_ranking_loss", normal(7), normal(7), plus_or_minus(7)),
    case("F.margin_ranking_loss", "margin", normal(3, 4), normal(3, 4), plus_or_minus(3, 4), margin=0.5),
    case("F.margin_ranking_loss", "at_margin", exactly([1.0, 2.0]), exactly([1.0, 1.0]), exactly([1, 1]), second=False),
    *every_reduction("F.soft_margin_loss", normal(4, 3, scale=3.0), plus_or_minus(4, 3)),
    case("F.soft_margin_loss", "scalar", normal(), exactly(-1)),
    *every_reduction("F.triplet_margin_loss", *TRIPLET),
    case("F.triplet_margin_loss", "p_1", *TRIPLET, p=1, margin=2.0),
    case("F.triplet_margin_loss", "p_3", *TRIPLET, p=3.0, eps=0.1),
    case("F.triplet_margin_loss", "swap", *TRIPLET, swap=True),
    case("F.triplet_margin_loss", "vector", normal(5), normal(5), normal(5)),
    *every_reduction("F.triplet_margin_with_distance_loss", *TRIPLET),
    case("F.triplet_margin_with_distance_loss", "swap", *TRIPLET, swap=True, margin=0.5),
    *every_reduction("F.multi_margin_loss", normal(4, 5), integers(4, below=5), second=False),
    *every_reduction("F.multi_margin_loss", normal(4, 5), integers(4, below=5), prefix="p_2_", p=2, second=False),
    case("F.multi_margin_loss", "weighted", normal(4, 5), integers(4, below=5), weighted=True, margin=0.5, second=False),
    case("F.multi_margin_loss", "vector", normal(5), exactly(3), second=False),
    *every_reduction("F.multilabel_margin_loss", normal(3, 4), exactly([[3, 0, -1, 1], [2, -1, -1, -1], [1, 3, 0, 2]]), second=False),
    case("F.multilabel_margin_loss", "vector", normal(4), exactly([3, 0, -1, 1]), second=False),
    case("F.multilabel_margin_loss", "no_labels", normal(2, 3), exactly([[-1, 0, 1], [2, -1, -1]]), reduction="none", second=False),
    *every_reduction("F.multilabel_soft_margin_loss", normal(4, 3, scale=3.0), uniform(4, 3)),
    case("F.multilabel_soft_margin_loss", "weighted", normal(4, 3), uniform(4, 3), weighted=True),
    case("F.multilabel_soft_margin_loss", "vector", normal(5), uniform(5)),
    *every_reduction("F.ctc_loss", normal(6, 2, 4), exactly([[1, 2, 2], [3, 1, 0]]), second=False, **CTC),
    case("F.ctc_loss", "joined", normal(6, 2, 4), exactly([1, 2, 2, 3, 3]), second=False, **CTC),
    case("F.ctc_loss", "logs", normal(6, 2, 4), exactly([[1, 2, 2], [3, 1, 0]]), second=False, logs=True, **CTC),
    case(
        "F.ctc_loss",
        "too_short",
        normal(3, 2, 4),
        exactly([[1, 1, 1], [3, 1, 0]]),
        second=False,
        zero_infinity=True,
        reduction="none",
        input_lengths=[3, 3],
        target_lengths=[3, 2],
    ),
    case(
        "F.ctc_loss",
        "no_labels",
        normal(4, 2, 3),
        exactly([[1], [2]]),
        second=False,
        input_lengths=[4, 2],
        target_lengths=[0, 1],
    ),
    case("F.ctc_loss", "blank", normal(5, 3), exactly([0, 0]), second=False, blank=2, input_lengths=[5], target_lengths=[2]),
    case("F.ctc_loss", "long", normal(40, 1, 2), exactly([[1] * 9]), second=False, input_lengths=[40], target_lengths=[9]),
]
