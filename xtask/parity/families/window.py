"""Convolution and pooling."""

import torch.nn.functional as F
from cases import case, negative, normal, ties

OPERATIONS = {"F.max_pool2d": lambda x, **options: F.max_pool2d(x, **options, return_indices=True)}

CONV = dict(stride=[1, 1], padding=[0, 0], dilation=[1, 1], groups=1)


def conv(name, x, weight, *bias, **options):
    return case("F.conv2d", name, normal(*x), normal(*weight), *(normal(*shape) for shape in bias), **CONV | options)


def pool(kernel_size, stride=None, padding=(0, 0)):
    return dict(kernel_size=kernel_size, stride=stride or kernel_size, padding=list(padding))


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
]
