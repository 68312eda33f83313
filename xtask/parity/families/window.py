"""Convolution and pooling."""

import torch
import torch.nn.functional as F
from cases import case, exactly, module, negative, normal, ties



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

CONV = dict(stride=[1, 1], padding=[0, 0], dilation=[1, 1], groups=1)


def conv(name, x, weight, *bias, **options):
    return case("F.conv2d", name, normal(*x), normal(*weight), *(normal(*shape) for shape in bias), **CONV | options)


def pool(kernel_size, stride=None, padding=(0, 0)):
    return dict(kernel_size=kernel_size, stride=stride or kernel_size, padding=list(padding))


def conv_nd(op, name, x, weight, *bias, **options):
    """1D, 3D and transposed convolution, with PyTorch's defaults."""
    return case(f"F.{op}", name, normal(*x), normal(*weight), *(normal(*shape) for shape in bias), **options)


def layer(op, name, *x, second=True, **init):
    """A module of one input of floats."""
    return module(f"nn.{op}", name, normal(*x), init=init, second=second)


def resize(name, *x, **options):
    return case("F.interpolate", name, normal(*x), **options)


CASES = [
    conv("k3", (2, 3, 6, 7), (4, 3, 3, 3), (4,)),
    conv("no_bias", (2, 3, 6, 7), (4, 3, 3, 3)),
    conv("padding", (2, 3, 5, 6), (4, 3, 3, 3), (4,), padding=[1, 1]),
    conv("stride", (2, 3, 7, 8), (4, 3, 3, 3), (4,), stride=[2, 2], padding=[1, 1]),
    conv("unequal", (2, 3, 6, 7), (4, 3, 2, 3), (4,), stride=[2, 1], padding=[1, 0]),
    conv("dilation", (2, 2, 8, 7), (3, 2, 3, 3), (3,), dilation=[2, 2]),
    conv("dilation_unequal", (2, 2, 8, 7), (3, 2, 2, 3), (3,), dilation=[3, 2], padding=[0, 1], stride=[1, 2]),
    conv("groups", (2, 4, 5, 5), (6, 2, 3, 3), (6,), groups=2),
    conv("depthwise", (2, 4, 5, 6), (4, 1, 3, 3), (4,), groups=4, padding=[1, 1]),
    conv("pointwise", (2, 3, 4, 5), (5, 3, 1, 1), (5,)),
    conv("batch_1", (1, 2, 5, 5), (3, 2, 3, 3), (3,)),
    conv("single_channel", (2, 1, 5, 5), (1, 1, 3, 3), (1,)),
    conv("odd_sizes", (3, 5, 9, 7), (7, 5, 3, 3), (7,), stride=[2, 2]),
    conv("whole_image", (2, 2, 3, 4), (3, 2, 3, 4), (3,)),
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
    # Convolution: unbatched, named padding.
    conv("unbatched", (3, 5, 4), (2, 3, 3, 2), (2,)),
    conv("padding_twice", (1, 2, 4, 4), (2, 2, 3, 3), padding=[2, 3]),
    conv("empty_batch", (0, 2, 4, 4), (3, 2, 3, 3), (3,)),
    conv("same", (1, 2, 5, 4), (2, 2, 3, 3), (2,), padding="same"),
    conv("same_even", (1, 2, 5, 4), (2, 2, 2, 4), (2,), padding="same", dilation=[1, 2]),
    conv("valid", (1, 2, 5, 4), (2, 2, 2, 3), padding="valid"),
    conv_nd("conv1d", "k3", (2, 3, 7), (4, 3, 3), (4,)),
    conv_nd("conv1d", "no_bias", (2, 3, 7), (4, 3, 2)),
    conv_nd("conv1d", "all", (2, 4, 9), (6, 2, 3), (6,), stride=2, padding=3, dilation=2, groups=2),
    conv_nd("conv1d", "depthwise", (2, 3, 6), (6, 1, 3), (6,), padding=1, groups=3),
    conv_nd("conv1d", "unbatched", (3, 6), (2, 3, 4), (2,)),
    conv_nd("conv1d", "same_even", (2, 2, 7), (3, 2, 4), (3,), padding="same"),
    conv_nd("conv1d", "same_even_dilation", (1, 2, 7), (3, 2, 2), (3,), padding="same", dilation=3),
    conv_nd("conv1d", "valid", (1, 2, 7), (3, 2, 2), padding="valid", stride=3),
    conv_nd("conv1d", "pointwise_batch_1", (1, 3, 1), (2, 3, 1), (2,)),
    conv_nd("conv3d", "k2", (2, 2, 3, 3, 2), (3, 2, 2, 2, 2), (3,)),
    conv_nd("conv3d", "no_bias", (1, 3, 2, 3, 3), (2, 3, 2, 1, 3)),
    conv_nd("conv3d", "stride_padding", (1, 2, 3, 4, 3), (2, 2, 3, 2, 2), (2,), stride=[2, 1, 2], padding=[1, 0, 1]),
    conv_nd("conv3d", "dilation", (1, 2, 4, 3, 3), (2, 2, 2, 2, 2), (2,), dilation=[3, 1, 2]),
    conv_nd("conv3d", "groups", (1, 4, 2, 3, 2), (4, 2, 2, 2, 1), (4,), groups=2, padding=1),
    conv_nd("conv3d", "depthwise", (2, 2, 2, 2, 3), (4, 1, 2, 1, 2), (4,), groups=2),
    conv_nd("conv3d", "unbatched", (2, 3, 2, 3), (2, 2, 2, 2, 2), (2,)),
    conv_nd("conv3d", "same_even", (1, 2, 3, 2, 3), (2, 2, 2, 1, 4), (2,), padding="same"),
    conv_nd("conv3d", "batch_1_pointwise", (1, 3, 1, 2, 1), (2, 3, 1, 1, 1), (2,)),
    # Transposed convolution.
    conv_nd("conv_transpose1d", "k3", (2, 3, 4), (3, 2, 3), (2,)),
    conv_nd("conv_transpose1d", "all", (2, 4, 3), (4, 3, 3), (6,), stride=3, padding=2, output_padding=2, groups=2, dilation=2),
    conv_nd("conv_transpose1d", "unbatched", (3, 4), (3, 2, 2)),
    conv_nd("conv_transpose1d", "output_padding_over_stride", (1, 2, 3), (2, 3, 2), (3,), output_padding=2, dilation=3),
    conv_nd("conv_transpose1d", "output_padding_under_padding", (1, 2, 4), (2, 1, 3), padding=2, output_padding=1, dilation=2),
    conv_nd("conv_transpose2d", "k3", (2, 3, 3, 4), (3, 2, 3, 3), (2,)),
    conv_nd("conv_transpose2d", "no_bias", (2, 3, 3, 2), (3, 2, 2, 3)),
    conv_nd("conv_transpose2d", "stride_padding", (1, 2, 3, 3), (2, 3, 3, 3), (3,), stride=2, padding=1, output_padding=1),
    conv_nd("conv_transpose2d", "unequal", (1, 2, 2, 3), (2, 2, 2, 3), (2,), stride=[2, 3], padding=[0, 1], output_padding=[1, 2]),
    conv_nd("conv_transpose2d", "dilation", (1, 2, 3, 2), (2, 2, 2, 3), (2,), dilation=[2, 1], padding=[1, 0]),
    conv_nd("conv_transpose2d", "groups", (2, 4, 2, 2), (4, 1, 2, 2), (2,), groups=2),
    conv_nd("conv_transpose2d", "depthwise", (1, 3, 2, 3), (3, 1, 3, 3), (3,), groups=3, stride=2),
    conv_nd("conv_transpose2d", "unbatched", (2, 3, 3), (2, 1, 2, 2), (1,)),
    conv_nd("conv_transpose2d", "output_padding_over_stride", (1, 2, 2, 2), (2, 1, 2, 2), (1,), output_padding=[2, 1], dilation=3),
    conv_nd("conv_transpose3d", "k2", (2, 2, 2, 2, 2), (2, 3, 2, 2, 2), (3,)),
    conv_nd("conv_transpose3d", "no_bias", (1, 3, 2, 1, 2), (3, 2, 1, 3, 2)),
    conv_nd("conv_transpose3d", "stride_padding", (1, 2, 2, 3, 2), (2, 2, 3, 2, 2), (2,), stride=[2, 1, 2], padding=[1, 0, 1], output_padding=[1, 0, 1]),
    conv_nd("conv_transpose3d", "dilation_groups", (1, 4, 2, 2, 1), (4, 1, 2, 2, 2), (2,), dilation=[2, 1, 2], groups=2),
    conv_nd("conv_transpose3d", "unbatched", (2, 2, 1, 2), (2, 2, 2, 2, 1), (2,)),
    # Max pooling.
    case("F.max_pool1d", "k2", normal(2, 3, 7), kernel_size=2),
    case("F.max_pool1d", "overlapping", normal(2, 3, 8), kernel_size=3, stride=2, padding=1),
    case("F.max_pool1d", "dilation_ceil", normal(2, 2, 9), kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True),
    case("F.max_pool1d", "ties", ties(2, 2, 8), kernel_size=3, stride=1),
    case("F.max_pool1d", "unbatched_ceil", normal(3, 5), kernel_size=2, ceil_mode=True),
    case("F.max_pool2d", "ceil", normal(2, 2, 5, 5), **pool([2, 2]), ceil_mode=True),
    case("F.max_pool2d", "ceil_padding", normal(1, 2, 5, 6), **pool([3, 2], [2, 3], [1, 1]), ceil_mode=True),
    case("F.max_pool2d", "dilation", normal(1, 2, 5, 6), **pool([2, 3], [1, 1], [1, 1]), dilation=[3, 2]),
    case("F.max_pool2d", "dilation_ties", ties(1, 2, 5, 6), **pool([3, 2], [1, 2], [1, 1]), dilation=[2, 2]),
    case("F.max_pool2d", "unbatched", normal(2, 4, 4), **pool([2, 2])),
    case("F.max_pool2d", "empty_batch", normal(0, 2, 4, 4), **pool([2, 2])),
    case("F.max_pool2d", "nan", exactly([[[1.0, float("nan"), 2.0, 5.0, 1.0], [3.0, 0.0, float("nan"), 4.0, 2.0]]]), **pool([2, 3], [1, 1])),
    case("F.max_pool3d", "k2", normal(1, 2, 3, 4, 2), kernel_size=2),
    case("F.max_pool3d", "overlapping", normal(1, 2, 3, 3, 3), kernel_size=3, stride=[1, 2, 2], padding=[1, 0, 1]),
    case("F.max_pool3d", "dilation_ceil", normal(1, 1, 4, 5, 3), kernel_size=[2, 2, 1], stride=[1, 2, 2], padding=[1, 1, 0], dilation=[2, 3, 1], ceil_mode=True),
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
    case("F.max_unpool2d", "output_size", normal(1, 2, 2), exactly([[[1, 4], [10, 13]]]), kernel_size=2, output_size=[5, 5]),
    case("F.max_unpool2d", "stride_padding", normal(2, 2, 2), exactly([[[0, 1], [4, 8]], [[2, 3], [5, 6]]]), kernel_size=3, stride=2, padding=1),
    case("F.max_unpool3d", "k2", normal(1, 1, 2, 1, 1), exactly([[[[[3]], [[13]]]]]), kernel_size=2),
    # Average pooling.
    case("F.avg_pool1d", "k2", normal(2, 3, 6), kernel_size=2),
    case("F.avg_pool1d", "padding", normal(2, 2, 7), kernel_size=3, stride=2, padding=1),
    case("F.avg_pool1d", "ceil", normal(2, 2, 6), kernel_size=3, stride=2, padding=1, ceil_mode=True),
    case("F.avg_pool1d", "without_pad", normal(2, 7), kernel_size=4, stride=2, padding=2, ceil_mode=True, count_include_pad=False),
    case("F.avg_pool2d", "ceil", normal(1, 2, 5, 6), **pool([2, 3], [2, 2], [1, 1]), ceil_mode=True),
    case("F.avg_pool2d", "without_pad", normal(1, 2, 5, 5), **pool([3, 3], [2, 2], [1, 1]), count_include_pad=False),
    case("F.avg_pool2d", "ceil_without_pad", normal(1, 2, 4, 5), **pool([3, 2], [2, 2], [1, 1]), ceil_mode=True, count_include_pad=False),
    case("F.avg_pool2d", "divisor", normal(1, 2, 4, 5), **pool([2, 2], [1, 2], [1, 0]), divisor_override=3),
    case("F.avg_pool2d", "divisor_ceil", normal(3, 5, 5), **pool([2, 3]), ceil_mode=True, divisor_override=7),
    case("F.avg_pool3d", "k2", normal(1, 2, 2, 4, 3), kernel_size=2),
    case("F.avg_pool3d", "padding", normal(1, 1, 3, 4, 3), kernel_size=3, stride=[1, 2, 2], padding=1),
    case("F.avg_pool3d", "ceil_without_pad", normal(1, 1, 4, 3, 4), kernel_size=[2, 3, 2], stride=[2, 2, 1], padding=[1, 1, 0], ceil_mode=True, count_include_pad=False),
    case("F.avg_pool3d", "divisor", normal(2, 3, 2, 3), kernel_size=[2, 1, 2], stride=1, divisor_override=5),
    case("F.adaptive_avg_pool2d", "unbatched", normal(2, 3, 5), output_size=[2, 2]),
    case("F.adaptive_avg_pool1d", "overlapping", normal(2, 2, 7), output_size=3),
    case("F.adaptive_avg_pool1d", "more_than_there_are", normal(3, 3), output_size=5),
    case("F.adaptive_avg_pool3d", "one", normal(1, 2, 2, 3, 3), output_size=[1, 1, 1]),
    case("F.adaptive_avg_pool3d", "overlapping", normal(1, 2, 3, 2, 4), output_size=[2, 3, 3]),
    # Columns, sizes, order.
    case("F.unfold", "k2", normal(2, 2, 3, 4), kernel_size=[2, 2]),
    case("F.unfold", "all", normal(1, 2, 4, 5), kernel_size=[2, 3], dilation=[2, 1], padding=[1, 2], stride=[1, 2]),
    case("F.unfold", "unbatched", normal(2, 3, 3), kernel_size=[3, 2]),
    case("F.fold", "k2", normal(2, 8, 6), output_size=[3, 4], kernel_size=[2, 2]),
    case("F.fold", "all", normal(1, 6, 6), output_size=[4, 3], kernel_size=[2, 3], dilation=[2, 1], padding=[1, 1], stride=[2, 1]),
    case("F.fold", "unbatched", normal(4, 4), output_size=[4, 4], kernel_size=[2, 2], stride=[2, 2]),
    resize("nearest_1d", 2, 2, 4, size=[7]),
    resize("nearest_2d", 1, 2, 3, 4, size=[5, 2]),
    resize("nearest_3d", 1, 1, 2, 3, 2, scale_factor=[2.0, 1.0, 1.5]),
    resize("nearest_scale", 1, 2, 5, scale_factor=[1.7]),
    resize("nearest_exact", 1, 2, 5, 4, size=[3, 7], mode="nearest-exact"),
    resize("nearest_exact_scale", 1, 2, 5, scale_factor=[2.3], mode="nearest-exact"),
    resize("linear", 2, 2, 5, size=[8], mode="linear"),
    resize("linear_down", 2, 2, 7, size=[3], mode="linear"),
    resize("linear_corners", 2, 2, 5, size=[8], mode="linear", align_corners=True),
    resize("linear_scale", 1, 2, 6, scale_factor=[1.6], mode="linear"),
    resize("linear_scale_recomputed", 1, 2, 6, scale_factor=[1.6], mode="linear", recompute_scale_factor=True),
    resize("bilinear", 1, 2, 3, 4, size=[5, 6], mode="bilinear"),
    resize("bilinear_corners", 1, 2, 3, 4, size=[5, 2], mode="bilinear", align_corners=True),
    resize("bilinear_one", 1, 2, 3, 4, size=[1, 1], mode="bilinear", align_corners=True),
    resize("bilinear_scale", 1, 1, 4, 4, scale_factor=2.0, mode="bilinear"),
    resize("same_size", 1, 2, 3, 4, size=[3, 4], mode="bilinear"),
    resize("trilinear", 1, 1, 2, 3, 2, size=[3, 4, 3], mode="trilinear"),
    resize("trilinear_corners", 1, 1, 2, 3, 2, scale_factor=1.5, mode="trilinear", align_corners=True),
    resize("bicubic", 1, 1, 4, 5, size=[6, 7], mode="bicubic"),
    resize("bicubic_down", 1, 1, 6, 5, size=[3, 4], mode="bicubic"),
    resize("bicubic_corners", 1, 1, 3, 4, size=[6, 5], mode="bicubic", align_corners=True),
    resize("area_1d", 2, 2, 5, size=[3], mode="area"),
    resize("area_2d", 1, 2, 4, 5, size=[2, 3], mode="area"),
    resize("area_scale", 1, 1, 2, 4, 3, scale_factor=0.5, mode="area"),
    case("F.channel_shuffle", "three_groups", normal(2, 6, 2, 2), groups=3),
    case("F.channel_shuffle", "sequence", normal(1, 4, 3), groups=2),
    # Layers.
    layer("Conv1d", "k3", 2, 3, 7, in_channels=3, out_channels=2, kernel_size=3),
    layer("Conv1d", "circular", 2, 2, 5, in_channels=2, out_channels=2, kernel_size=4, padding="same", padding_mode="circular"),
    layer("Conv1d", "unbatched", 2, 5, in_channels=2, out_channels=4, kernel_size=2, groups=2, bias=False),
    layer("Conv2d", "options", 1, 4, 5, 5, in_channels=4, out_channels=2, kernel_size=[3, 2], stride=[2, 1], padding=1, groups=2),
    layer("Conv2d", "reflect", 1, 2, 4, 4, in_channels=2, out_channels=2, kernel_size=3, padding=[1, 2], padding_mode="reflect"),
    layer("Conv2d", "replicate_same", 1, 2, 3, 4, in_channels=2, out_channels=2, kernel_size=[2, 3], padding="same", padding_mode="replicate"),
    layer("Conv3d", "k2", 1, 2, 2, 3, 3, in_channels=2, out_channels=2, kernel_size=2),
    layer("Conv3d", "circular", 1, 2, 2, 3, 2, in_channels=2, out_channels=1, kernel_size=[1, 3, 2], padding=[0, 1, 1], padding_mode="circular"),
    layer("ConvTranspose1d", "k3", 2, 3, 4, in_channels=3, out_channels=2, kernel_size=3, stride=2, output_padding=1),
    layer("ConvTranspose2d", "groups", 1, 4, 2, 3, in_channels=4, out_channels=2, kernel_size=2, groups=2, stride=2),
    module("nn.ConvTranspose2d", "output_size", normal(1, 2, 2, 3), init=dict(in_channels=2, out_channels=2, kernel_size=3, stride=2, bias=False), output_size=[6, 7]),
    layer("ConvTranspose3d", "k2", 1, 2, 2, 2, 2, in_channels=2, out_channels=1, kernel_size=2, padding=1, stride=2),
    layer("MaxPool1d", "k2", 2, 2, 6, kernel_size=2),
    layer("MaxPool2d", "options", 1, 2, 5, 4, kernel_size=2, stride=1, padding=1, dilation=2, ceil_mode=True, return_indices=True),
    layer("MaxPool3d", "k2", 1, 2, 3, 2, 4, kernel_size=2, return_indices=True),
    layer("AvgPool1d", "k2", 2, 2, 6, kernel_size=2),
    layer("AvgPool2d", "options", 1, 2, 5, 4, kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    layer("AvgPool3d", "divisor", 1, 2, 3, 2, 4, kernel_size=2, divisor_override=3),
    layer("AdaptiveAvgPool1d", "three", 2, 2, 7, output_size=3),
    layer("AdaptiveAvgPool2d", "kept", 1, 2, 5, 3, output_size=[2, None]),
    layer("AdaptiveAvgPool3d", "three", 1, 1, 3, 4, 2, output_size=[2, 2, 2]),
    layer("AdaptiveMaxPool1d", "three", 2, 2, 7, output_size=3),
    layer("AdaptiveMaxPool2d", "kept", 1, 2, 5, 3, output_size=[None, 2]),
    layer("AdaptiveMaxPool3d", "three", 1, 1, 3, 4, 2, output_size=[2, 2, 2], return_indices=True),
    module("nn.MaxUnpool2d", "k2", normal(1, 1, 2, 2), exactly([[[[0, 3], [9, 14]]]]), init=dict(kernel_size=2)),
    layer("Unfold", "k2", 1, 2, 3, 4, kernel_size=2, padding=1, stride=2),
    layer("Fold", "k2", 1, 8, 4, output_size=[4, 4], kernel_size=2, stride=2),
    layer("Upsample", "bilinear", 1, 2, 3, 3, scale_factor=2.0, mode="bilinear"),
    layer("Upsample", "nearest", 1, 2, 4, size=[6]),
    layer("UpsamplingNearest2d", "twice", 1, 2, 2, 3, scale_factor=2.0),
    layer("UpsamplingBilinear2d", "size", 1, 2, 2, 3, size=[4, 4]),
    layer("PixelShuffle", "two", 1, 8, 2, 2, upscale_factor=2),
    layer("PixelUnshuffle", "two", 1, 2, 4, 2, downscale_factor=2),
    layer("ChannelShuffle", "two", 1, 4, 2, 3, groups=2),
    layer("Flatten", "default", 2, 3, 2),
    layer("Flatten", "middle", 2, 3, 2, 2, start_dim=1, end_dim=2),
    layer("Unflatten", "rest", 2, 6, 2, dim=1, unflattened_size=(2, -1)),
    *(layer(f"ZeroPad{d}d", "unequal", *[2] * (d + 2), padding=tuple(range(2 * d))) for d in (1, 2, 3)),
    *(layer(f"ConstantPad{d}d", "cut", *[2] * (d + 2), padding=(1, -1) * d, value=2.5) for d in (1, 2, 3)),
    *(layer(f"ReflectionPad{d}d", "two", 1, 1, *[3] * d, padding=(1, 2) * d) for d in (1, 2, 3)),
    *(layer(f"ReplicationPad{d}d", "two", 1, 2, *[2] * d, padding=(1, 2) * d) for d in (1, 2, 3)),
    *(layer(f"CircularPad{d}d", "two", 1, 1, *[3] * d, padding=(2, 1) * d) for d in (1, 2, 3)),
]
