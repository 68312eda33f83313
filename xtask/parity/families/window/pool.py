"""Pooling and unpooling."""

import torch
import torch.nn.functional as F
from cases import case, exactly, module, negative, normal, positive, ties

from .layer import layer


def with_indices(op):
    return lambda x, **options: getattr(F, op)(x, **options, return_indices=True)


def undetermined(f):
    """For what PyTorch does not promise to repeat: here no two elements share a place."""

    def call(*arguments, **options):
        torch.use_deterministic_algorithms(False)
        try:
            return f(*arguments, **options)
        finally:
            torch.use_deterministic_algorithms(True)

    return call


POOLS_WITH_INDICES = [f"{kind}max_pool{d}d" for kind in ("", "adaptive_") for d in (1, 2, 3)]
UNPOOLS = [f"max_unpool{d}d" for d in (1, 2, 3)]

OPERATIONS = {f"F.{op}": with_indices(op) for op in POOLS_WITH_INDICES}
OPERATIONS |= {f"F.{op}": undetermined(getattr(F, op)) for op in UNPOOLS}
OPERATIONS["forward.nn.MaxUnpool2d"] = undetermined(lambda instance, x, indices: instance(x, indices))


def pool(kernel_size, stride=None, padding=(0, 0)):
    return dict(kernel_size=kernel_size, stride=stride or kernel_size, padding=list(padding))


CASES = [
    case("F.max_pool2d", "k2", normal(2, 3, 4, 6), **pool([2, 2])),
    case("F.max_pool2d", "k2_odd", normal(2, 3, 5, 7), **pool([2, 2])),
    case("F.max_pool2d", "k3_stride", normal(2, 3, 7, 8), **pool([3, 3], [2, 2])),
    case("F.max_pool2d", "k3_stride_padding", normal(2, 3, 7, 8), **pool([3, 3], [2, 2], [1, 1])),
    case("F.max_pool2d", "unequal", normal(2, 3, 5, 7), **pool([2, 3])),
    case("F.max_pool2d", "ties", ties(2, 3, 6, 6), **pool([2, 2])),
    case("F.max_pool2d", "ties_overlapping", ties(2, 3, 7, 7), **pool([3, 3], [2, 2], [1, 1])),
    case("F.max_pool2d", "negative_padding", negative(2, 3, 5, 5), **pool([3, 3], [2, 2], [1, 1])),
    case("F.avg_pool2d", "k2", normal(2, 3, 4, 6), **pool([2, 2])),
    case("F.avg_pool2d", "k2_odd", normal(2, 3, 5, 7), **pool([2, 2])),
    case("F.avg_pool2d", "k3_stride_padding", normal(2, 3, 7, 8), **pool([3, 3], [2, 2], [1, 1])),
    case("F.avg_pool2d", "unequal", normal(2, 3, 6, 7), **pool([2, 3], [1, 2], [1, 0])),
    case("F.adaptive_avg_pool2d", "one", normal(2, 3, 4, 5), output_size=[1, 1]),
    case("F.adaptive_avg_pool2d", "overlapping", normal(2, 3, 5, 7), output_size=[2, 3]),
    case("F.adaptive_avg_pool2d", "more_than_there_are", normal(1, 2, 3, 4), output_size=[5, 6]),
    case("F.max_pool1d", "k2", normal(2, 3, 7), kernel_size=2),
    case("F.max_pool1d", "overlapping", normal(2, 3, 8), kernel_size=3, stride=2, padding=1),
    case(
        "F.max_pool1d", "dilation_ceil", normal(2, 2, 9), kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True
    ),
    case("F.max_pool1d", "ties", ties(2, 2, 8), kernel_size=3, stride=1),
    case("F.max_pool1d", "unbatched_ceil", normal(3, 5), kernel_size=2, ceil_mode=True),
    case("F.max_pool2d", "ceil", normal(2, 2, 5, 5), **pool([2, 2]), ceil_mode=True),
    case("F.max_pool2d", "ceil_padding", normal(1, 2, 5, 6), **pool([3, 2], [2, 3], [1, 1]), ceil_mode=True),
    case("F.max_pool2d", "dilation", normal(1, 2, 5, 6), **pool([2, 3], [1, 1], [1, 1]), dilation=[3, 2]),
    case("F.max_pool2d", "dilation_ties", ties(1, 2, 5, 6), **pool([3, 2], [1, 2], [1, 1]), dilation=[2, 2]),
    case("F.max_pool2d", "unbatched", normal(2, 4, 4), **pool([2, 2])),
    case("F.max_pool2d", "empty_batch", normal(0, 2, 4, 4), **pool([2, 2])),
    case(
        "F.max_pool2d",
        "nan",
        exactly([[[1.0, float("nan"), 2.0, 5.0, 1.0], [3.0, 0.0, float("nan"), 4.0, 2.0]]]),
        **pool([2, 3], [1, 1]),
    ),
    case("F.max_pool3d", "k2", normal(1, 2, 3, 4, 2), kernel_size=2),
    case("F.max_pool3d", "overlapping", normal(1, 2, 3, 3, 3), kernel_size=3, stride=[1, 2, 2], padding=[1, 0, 1]),
    case(
        "F.max_pool3d",
        "dilation_ceil",
        normal(1, 1, 4, 5, 3),
        kernel_size=[2, 2, 1],
        stride=[1, 2, 2],
        padding=[1, 1, 0],
        dilation=[2, 3, 1],
        ceil_mode=True,
    ),
    case("F.max_pool3d", "ties", ties(1, 2, 3, 3, 3), kernel_size=2, stride=1),
    case("F.max_pool3d", "unbatched", normal(2, 2, 3, 4), kernel_size=[1, 2, 2]),
    case("F.adaptive_max_pool1d", "divides", normal(2, 2, 6), output_size=3),
    case("F.adaptive_max_pool1d", "overlapping", normal(2, 2, 7), output_size=3),
    case("F.adaptive_max_pool1d", "more_than_there_are", ties(3, 3), output_size=5),
    case("F.adaptive_max_pool2d", "one", normal(2, 3, 3, 3), output_size=[1, 1]),
    case("F.adaptive_max_pool2d", "overlapping", normal(1, 2, 5, 4), output_size=[2, 3]),
    case("F.adaptive_max_pool2d", "ties", ties(2, 4, 5), output_size=[3, 2]),
    case("F.adaptive_max_pool3d", "overlapping", normal(1, 2, 3, 3, 3), output_size=[2, 1, 2]),
    case("F.adaptive_max_pool3d", "unbatched", normal(2, 2, 3, 4), output_size=[2, 2, 2]),
    case("F.max_unpool1d", "k2", normal(1, 2, 3), exactly([[[0, 3, 5], [1, 2, 4]]]), kernel_size=2),
    case("F.max_unpool2d", "k2", normal(1, 1, 2, 2), exactly([[[[0, 3], [9, 14]]]]), kernel_size=2),
    case(
        "F.max_unpool2d",
        "output_size",
        normal(1, 2, 2),
        exactly([[[1, 4], [10, 13]]]),
        kernel_size=2,
        output_size=[5, 5],
    ),
    case(
        "F.max_unpool2d",
        "stride_padding",
        normal(2, 2, 2),
        exactly([[[0, 1], [4, 8]], [[2, 3], [5, 6]]]),
        kernel_size=3,
        stride=2,
        padding=1,
    ),
    case("F.max_unpool3d", "k2", normal(1, 1, 2, 1, 1), exactly([[[[[3]], [[13]]]]]), kernel_size=2),
    case("F.avg_pool1d", "k2", normal(2, 3, 6), kernel_size=2),
    case("F.avg_pool1d", "padding", normal(2, 2, 7), kernel_size=3, stride=2, padding=1),
    case("F.avg_pool1d", "ceil", normal(2, 2, 6), kernel_size=3, stride=2, padding=1, ceil_mode=True),
    case(
        "F.avg_pool1d",
        "without_pad",
        normal(2, 7),
        kernel_size=4,
        stride=2,
        padding=2,
        ceil_mode=True,
        count_include_pad=False,
    ),
    case("F.avg_pool2d", "ceil", normal(1, 2, 5, 6), **pool([2, 3], [2, 2], [1, 1]), ceil_mode=True),
    case("F.avg_pool2d", "without_pad", normal(1, 2, 5, 5), **pool([3, 3], [2, 2], [1, 1]), count_include_pad=False),
    case(
        "F.avg_pool2d",
        "ceil_without_pad",
        normal(1, 2, 4, 5),
        **pool([3, 2], [2, 2], [1, 1]),
        ceil_mode=True,
        count_include_pad=False,
    ),
    case("F.avg_pool2d", "divisor", normal(1, 2, 4, 5), **pool([2, 2], [1, 2], [1, 0]), divisor_override=3),
    case("F.avg_pool2d", "divisor_ceil", normal(3, 5, 5), **pool([2, 3]), ceil_mode=True, divisor_override=7),
    case("F.avg_pool3d", "k2", normal(1, 2, 2, 4, 3), kernel_size=2),
    case("F.avg_pool3d", "padding", normal(1, 1, 3, 4, 3), kernel_size=3, stride=[1, 2, 2], padding=1),
    case(
        "F.avg_pool3d",
        "ceil_without_pad",
        normal(1, 1, 4, 3, 4),
        kernel_size=[2, 3, 2],
        stride=[2, 2, 1],
        padding=[1, 1, 0],
        ceil_mode=True,
        count_include_pad=False,
    ),
    case("F.avg_pool3d", "divisor", normal(2, 3, 2, 3), kernel_size=[2, 1, 2], stride=1, divisor_override=5),
    case("F.adaptive_avg_pool2d", "unbatched", normal(2, 3, 5), output_size=[2, 2]),
    case("F.adaptive_avg_pool1d", "overlapping", normal(2, 2, 7), output_size=3),
    case("F.adaptive_avg_pool1d", "more_than_there_are", normal(3, 3), output_size=5),
    case("F.adaptive_avg_pool3d", "one", normal(1, 2, 2, 3, 3), output_size=[1, 1, 1]),
    case("F.adaptive_avg_pool3d", "overlapping", normal(1, 2, 3, 2, 4), output_size=[2, 3, 3]),
    case("F.lp_pool1d", "two", normal(2, 2, 6), norm_type=2.0, kernel_size=2),
    case("F.lp_pool1d", "ceil", positive(2, 2, 6), norm_type=3.0, kernel_size=3, stride=2, ceil_mode=True),
    case("F.lp_pool1d", "unbatched", positive(2, 7), norm_type=1.5, kernel_size=2, stride=3),
    case("F.lp_pool2d", "one", normal(2, 2, 4, 3), norm_type=1.0, kernel_size=2),
    case("F.lp_pool2d", "two", normal(1, 2, 5, 4), norm_type=2.0, kernel_size=[2, 3], stride=[2, 1]),
    case("F.lp_pool2d", "ceil", positive(1, 1, 5, 5), norm_type=2.5, kernel_size=[3, 2], ceil_mode=True),
    case("F.lp_pool3d", "two", normal(1, 1, 3, 4, 2), norm_type=2.0, kernel_size=2),
    case("F.lp_pool3d", "ceil", positive(1, 1, 4, 3, 3), norm_type=3.0, kernel_size=[1, 2, 2], ceil_mode=True),
    layer("MaxPool1d", "k2", 2, 2, 6, kernel_size=2),
    layer(
        "MaxPool2d",
        "options",
        1,
        2,
        5,
        4,
        kernel_size=2,
        stride=1,
        padding=1,
        dilation=2,
        ceil_mode=True,
        return_indices=True,
    ),
    layer("MaxPool3d", "k2", 1, 2, 3, 2, 4, kernel_size=2, return_indices=True),
    layer("AvgPool1d", "k2", 2, 2, 6, kernel_size=2),
    layer(
        "AvgPool2d", "options", 1, 2, 5, 4, kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False
    ),
    layer("AvgPool3d", "divisor", 1, 2, 3, 2, 4, kernel_size=2, divisor_override=3),
    layer("LPPool1d", "two", 2, 2, 6, norm_type=2.0, kernel_size=2),
    layer("LPPool2d", "stride", 1, 2, 5, 4, norm_type=2.0, kernel_size=[2, 3], stride=1),
    layer("LPPool3d", "ceil", 1, 2, 3, 2, 4, norm_type=2.0, kernel_size=2, ceil_mode=True),
    layer("AdaptiveAvgPool1d", "three", 2, 2, 7, output_size=3),
    layer("AdaptiveAvgPool2d", "kept", 1, 2, 5, 3, output_size=[2, None]),
    layer("AdaptiveAvgPool3d", "three", 1, 1, 3, 4, 2, output_size=[2, 2, 2]),
    layer("AdaptiveMaxPool1d", "three", 2, 2, 7, output_size=3),
    layer("AdaptiveMaxPool2d", "kept", 1, 2, 5, 3, output_size=[None, 2]),
    layer("AdaptiveMaxPool3d", "three", 1, 1, 3, 4, 2, output_size=[2, 2, 2], return_indices=True),
    module("nn.MaxUnpool2d", "k2", normal(1, 1, 2, 2), exactly([[[[0, 3], [9, 14]]]]), init=dict(kernel_size=2)),
]
