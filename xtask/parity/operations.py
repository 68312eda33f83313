"""Operations: inputs, output, upstream gradient and gradients of the inputs, for a table of cases in both dtypes.

Inputs and upstream gradients are drawn in f32 and widened for f64, so both dtypes share them.
"""

import json
import zlib

import numpy as np
import torch
import torch.nn.functional as F

import sequences

DTYPES = {"f32": np.float32, "f64": np.float64}

# How an input is drawn: each is a function of the random generator.


def normal(*shape, scale=1.0):
    return lambda rng: rng.standard_normal(shape) * scale


def nonzero(*shape):
    """Of either sign, at least 0.5 away from zero: divisors."""
    return lambda rng: np.copysign(0.5 + rng.random(shape), rng.standard_normal(shape))


def negative(*shape):
    return lambda rng: -0.1 - rng.random(shape)


def ties(*shape):
    """Small integers, most of them negative."""
    return lambda rng: rng.integers(-3, 2, shape).astype(np.float64)


def labels(shape, classes):
    return lambda rng: rng.integers(0, classes, shape)


def exactly(values):
    return lambda rng: np.array(values)


def batch_norm(x, *affine, training, eps, relu=False, residual=False):
    """Weight, bias and residual in that order, each where there is one; in evaluation channel c has mean c / 4 and
    variance c + 1/2."""
    affine = list(affine)
    added = affine.pop() if residual else None
    weight, bias = (affine + [None, None])[:2]
    channels = torch.arange(x.shape[1], dtype=x.dtype)
    running = (None, None) if training else (channels / 4, channels + 0.5)
    y = F.batch_norm(x, *running, weight, bias, training=training, eps=eps)
    y = y if added is None else y + added
    return F.relu(y) if relu else y


OPERATIONS = {
    "batch_norm": batch_norm,
    "layer_norm": lambda x, *affine, **options: F.layer_norm(x, weight=affine[0] if affine else None,
                                                             bias=affine[1] if affine[1:] else None, **options),
    "linear": F.linear,
    "conv2d": F.conv2d,
    "max_pool2d": lambda x, **options: F.max_pool2d(x, **options, return_indices=True),
    "avg_pool2d": F.avg_pool2d,
    "adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "embedding": F.embedding,
    "cross_entropy": F.cross_entropy,
    "mse_loss": F.mse_loss,
    "relu": F.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "erf": torch.erf,
    "exp": torch.exp,
    "log": torch.log,
    "softmax": F.softmax,
    "log_softmax": F.log_softmax,
    "matmul": torch.matmul,
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "sum": torch.sum,
    "mean": torch.mean,
    "max": torch.max,
    **sequences.OPERATIONS,
}

CONV = dict(stride=[1, 1], padding=[0, 0], dilation=[1, 1], groups=1)


def pool(kernel_size, stride=None, padding=(0, 0)):
    return dict(kernel_size=kernel_size, stride=stride or kernel_size, padding=list(padding))


BATCH_NORM = dict(training=True, eps=1e-5)


# (operation, case, inputs, options): the options are PyTorch's keyword arguments, all of them that matter.
CASES = [
    ("linear", "bias", [normal(4, 3), normal(5, 3), normal(5)], {}),
    ("linear", "no_bias", [normal(4, 3), normal(5, 3)], {}),
    ("linear", "batch_1", [normal(1, 3), normal(5, 3), normal(5)], {}),
    ("linear", "leading_dims", [normal(2, 3, 4), normal(5, 4), normal(5)], {}),
    ("conv2d", "k3", [normal(2, 3, 6, 7), normal(4, 3, 3, 3), normal(4)], CONV),
    ("conv2d", "no_bias", [normal(2, 3, 6, 7), normal(4, 3, 3, 3)], CONV),
    ("conv2d", "padding", [normal(2, 3, 5, 6), normal(4, 3, 3, 3), normal(4)], CONV | dict(padding=[1, 1])),
    (
        "conv2d",
        "stride",
        [normal(2, 3, 7, 8), normal(4, 3, 3, 3), normal(4)],
        CONV | dict(stride=[2, 2], padding=[1, 1]),
    ),
    (
        "conv2d",
        "unequal",
        [normal(2, 3, 6, 7), normal(4, 3, 2, 3), normal(4)],
        CONV | dict(stride=[2, 1], padding=[1, 0]),
    ),
    ("conv2d", "dilation", [normal(2, 2, 8, 7), normal(3, 2, 3, 3), normal(3)], CONV | dict(dilation=[2, 2])),
    (
        "conv2d",
        "dilation_unequal",
        [normal(2, 2, 8, 7), normal(3, 2, 2, 3), normal(3)],
        CONV | dict(dilation=[3, 2], padding=[0, 1], stride=[1, 2]),
    ),
    ("conv2d", "groups", [normal(2, 4, 5, 5), normal(6, 2, 3, 3), normal(6)], CONV | dict(groups=2)),
    (
        "conv2d",
        "depthwise",
        [normal(2, 4, 5, 6), normal(4, 1, 3, 3), normal(4)],
        CONV | dict(groups=4, padding=[1, 1]),
    ),
    ("conv2d", "pointwise", [normal(2, 3, 4, 5), normal(5, 3, 1, 1), normal(5)], CONV),
    ("conv2d", "batch_1", [normal(1, 2, 5, 5), normal(3, 2, 3, 3), normal(3)], CONV),
    ("conv2d", "single_channel", [normal(2, 1, 5, 5), normal(1, 1, 3, 3), normal(1)], CONV),
    (
        "conv2d",
        "odd_sizes",
        [normal(3, 5, 9, 7), normal(7, 5, 3, 3), normal(7)],
        CONV | dict(stride=[2, 2]),
    ),
    ("conv2d", "whole_image", [normal(2, 2, 3, 4), normal(3, 2, 3, 4), normal(3)], CONV),
    ("batch_norm", "images", [normal(3, 4, 5, 6), normal(4), normal(4)], BATCH_NORM),
    ("batch_norm", "matrix", [normal(9, 5), normal(5), normal(5)], BATCH_NORM),
    ("batch_norm", "sequences", [normal(3, 5, 7), normal(5)], BATCH_NORM),
    ("batch_norm", "no_affine", [normal(2, 3, 4, 4)], BATCH_NORM | dict(eps=0.1)),
    (
        "batch_norm",
        "residual_relu",
        [normal(2, 16, 5, 5), normal(16), normal(16), normal(2, 16, 5, 5)],
        BATCH_NORM | dict(residual=True, relu=True),
    ),
    ("batch_norm", "relu", [normal(2, 3, 4, 5), normal(3), normal(3)], BATCH_NORM | dict(relu=True)),
    ("batch_norm", "eval", [normal(2, 3, 4, 5), normal(3), normal(3)], BATCH_NORM | dict(training=False)),
    ("batch_norm", "eval_relu", [normal(6, 3), normal(3)], BATCH_NORM | dict(training=False, relu=True)),
    ("layer_norm", "affine", [normal(5, 33), normal(33), normal(33)], dict(normalized_shape=[33], eps=1e-5)),
    ("layer_norm", "no_bias", [normal(2, 3, 8), normal(8)], dict(normalized_shape=[8], eps=1e-5)),
    ("layer_norm", "two_dims", [normal(3, 4, 5), normal(4, 5), normal(4, 5)], dict(normalized_shape=[4, 5], eps=0.1)),
    ("layer_norm", "no_affine", [normal(4, 10)], dict(normalized_shape=[10], eps=1e-5)),
    ("max_pool2d", "k2", [normal(2, 3, 4, 6)], pool([2, 2])),
    ("max_pool2d", "k2_odd", [normal(2, 3, 5, 7)], pool([2, 2])),
    ("max_pool2d", "k3_stride", [normal(2, 3, 7, 8)], pool([3, 3], [2, 2])),
    ("max_pool2d", "k3_stride_padding", [normal(2, 3, 7, 8)], pool([3, 3], [2, 2], [1, 1])),
    ("max_pool2d", "unequal", [normal(2, 3, 5, 7)], pool([2, 3])),
    ("max_pool2d", "ties", [ties(2, 3, 6, 6)], pool([2, 2])),
    ("max_pool2d", "ties_overlapping", [ties(2, 3, 7, 7)], pool([3, 3], [2, 2], [1, 1])),
    ("max_pool2d", "negative_padding", [negative(2, 3, 5, 5)], pool([3, 3], [2, 2], [1, 1])),
    ("avg_pool2d", "k2", [normal(2, 3, 4, 6)], pool([2, 2])),
    ("avg_pool2d", "k2_odd", [normal(2, 3, 5, 7)], pool([2, 2])),
    ("avg_pool2d", "k3_stride_padding", [normal(2, 3, 7, 8)], pool([3, 3], [2, 2], [1, 1])),
    ("avg_pool2d", "unequal", [normal(2, 3, 6, 7)], pool([2, 3], [1, 2], [1, 0])),
    ("adaptive_avg_pool2d", "one", [normal(2, 3, 4, 5)], dict(output_size=[1, 1])),
    ("adaptive_avg_pool2d", "overlapping", [normal(2, 3, 5, 7)], dict(output_size=[2, 3])),
    ("adaptive_avg_pool2d", "more_than_there_are", [normal(1, 2, 3, 4)], dict(output_size=[5, 6])),
    ("embedding", "repeated", [labels((3, 5), 7), normal(7, 4)], {}),
    ("embedding", "unused", [labels((4,), 20), normal(20, 3)], {}),
    ("embedding", "scalar", [exactly(2), normal(4, 5)], {}),
    ("cross_entropy", "mean", [normal(5, 7), labels(5, 7)], dict(reduction="mean")),
    ("cross_entropy", "sum", [normal(5, 7), labels(5, 7)], dict(reduction="sum")),
    ("cross_entropy", "batch_1", [normal(1, 7), labels(1, 7)], dict(reduction="mean")),
    (
        "cross_entropy",
        "large",
        [exactly([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4], [1e4, 9999.0, -1e4]]), exactly([1, 2, 1])],
        dict(reduction="mean"),
    ),
    ("cross_entropy", "large_random", [normal(6, 5, scale=1e4), labels(6, 5)], dict(reduction="sum")),
    ("cross_entropy", "equal_1e8", [exactly([[1e8, 1e8]]), exactly([1])], dict(reduction="mean")),
    ("cross_entropy", "far_apart", [exactly([[-431.0, 279.0, 427.0]]), exactly([0])], dict(reduction="mean")),
    ("mse_loss", "mean", [normal(4, 3), normal(4, 3)], dict(reduction="mean")),
    ("mse_loss", "sum", [normal(4, 3), normal(4, 3)], dict(reduction="sum")),
    ("relu", "zeros", [exactly([[-1.5, 0.0, 2.0], [0.0, -0.25, 0.75], [1e-30, -1e-30, 0.0]])], {}),
    ("relu", "random", [normal(3, 4, 5)], {}),
    *[
        (operation, case, [normal(*shape, scale=scale)], options)
        for operation, options in (
            ("gelu", dict(approximate="none")),
            ("gelu", dict(approximate="tanh")),
            ("silu", {}),
            ("sigmoid", {}),
            ("tanh", {}),
            ("erf", {}),
            ("exp", {}),
        )
        for case, shape, scale in (
            ("random" + options.get("approximate", ""), (5, 67), 1.0),
            ("wide" + options.get("approximate", ""), (3, 33), 4.0),
        )
    ],
    ("log", "positive", [lambda rng: 0.01 + 5 * rng.random((4, 33))], {}),
    ("softmax", "rank_2", [normal(3, 5)], dict(dim=-1)),
    ("softmax", "rank_3", [normal(2, 3, 4)], dict(dim=-1)),
    ("softmax", "large", [exactly([[1e4, -1e4, 9999.0], [89.0, 88.5, -104.0], [1e8, 1e8, 0.0]])], dict(dim=-1)),
    ("log_softmax", "rank_2", [normal(3, 5)], dict(dim=-1)),
    ("log_softmax", "rank_3", [normal(2, 3, 4)], dict(dim=-1)),
    ("log_softmax", "large", [exactly([[1e4, -1e4, 9999.0], [89.0, 88.5, -104.0], [1e8, 1e8, 0.0]])], dict(dim=-1)),
    ("matmul", "matrices", [normal(3, 4), normal(4, 5)], {}),
    ("matmul", "batched", [normal(2, 3, 4), normal(2, 4, 5)], {}),
    ("matmul", "broadcast", [normal(2, 3, 4), normal(4, 5)], {}),
    *[
        (operation, case, [normal(*a), (nonzero if operation == "div" else normal)(*b)], {})
        for operation in ("add", "sub", "mul", "div")
        for case, a, b in (
            ("same", (2, 3), (2, 3)),
            ("column_row", (3, 1), (1, 4)),
            ("trailing", (2, 3, 4), (4,)),
            ("leading", (4,), (2, 3, 4)),
            ("scalar", (2, 3), ()),
            ("scalar_first", (), (2, 3)),
            ("scalars", (), ()),
        )
    ],
    *[
        (operation, case + ("_keepdim" if keepdim else ""), [normal(2, 3, 4)], dict(dim=dims, keepdim=keepdim))
        for operation in ("sum", "mean")
        for case, dims in (("dim_0", [0]), ("dim_1", [1]), ("dim_last", [-1]), ("dims_0_2", [0, 2]), ("all", [0, 1, 2]))
        for keepdim in (False, True)
    ],
    *[
        ("max", case, [inputs(2, 3, 4)], dict(dim=dim, keepdim=keepdim))
        for case, inputs, dim, keepdim in (
            ("dim_0", normal, 0, False),
            ("dim_1_keepdim", normal, 1, True),
            ("dim_last", normal, -1, False),
            ("ties", ties, 1, False),
        )
    ],
    *sequences.cases(normal),
]


def run(operation, case, inputs, options, dtype):
    """The tensors of one case in one dtype, by the last part of their names."""
    rng = np.random.default_rng(zlib.crc32(f"{operation}/{case}".encode()))  # new cases leave the others as they are
    tensors, arguments = {}, []
    for i, draw in enumerate(inputs):
        x = np.asarray(draw(rng))
        x = x if x.dtype == np.int64 else x.astype(np.float32).astype(dtype)
        tensors[f"in{i}"] = x
        arguments.append(torch.tensor(x, requires_grad=x.dtype != np.int64))
    out = OPERATIONS[operation](*arguments, **options)
    if isinstance(out, tuple):
        out, tensors["indices"] = out[0], out[1].numpy()
    tensors["out"] = out.detach().numpy()
    tensors["grad_out"] = np.asarray(rng.standard_normal(out.shape)).astype(np.float32).astype(dtype)
    out.backward(torch.tensor(tensors["grad_out"]))
    tensors |= {f"grad_in{i}": x.grad.numpy() for i, x in enumerate(arguments) if x.requires_grad}
    return tensors


def fixture():
    """Tensors and metadata of the file."""
    tensors, cases, worst = {}, [], (0.0, "")
    for operation, case, inputs, options in CASES:
        results = {name: run(operation, case, inputs, options, dtype) for name, dtype in DTYPES.items()}
        for dtype, result in results.items():
            tensors |= {f"{operation}/{case}/{dtype}/{name}": x for name, x in result.items()}
        for name, exact in results["f64"].items():
            if exact.dtype == np.int64:
                assert (results["f32"][name] == exact).all(), f"{operation}/{case}: {name} depends on the dtype"
                continue
            scale = np.abs(exact).max()
            assert scale > 0, f"{operation}/{case}: {name} is all zeros"
            worst = max(worst, (np.abs(results["f32"][name] - exact).max() / scale, f"{operation}/{case}/{name}"))
        cases.append(dict(op=operation, case=case, inputs=len(inputs), options=options))
    assert len({(case["op"], case["case"]) for case in cases}) == len(cases), "two cases share a name"
    print(f"{len(cases)} cases of operations; f32 against f64 at most {worst[0]:.1e}, in {worst[1]}")
    return tensors, {"cases": json.dumps(cases)}
