"""Activations, elementwise and over a dimension, and their layers."""

from cases import case, exactly, integers, module, nonzero, normal

NAN = float("nan")
LARGE = [[1e4, -1e4, 9999.0], [89.0, 88.5, -104.0], [1e8, 1e8, 0.0]]
# Where exponentials overflow or vanish, in either element type.
EXTREMES = [[-1e3, 1e3, 0.0], [-88.73, 88.73, -104.0], [-745.2, 745.2, 20.5]]
SHAPES = (("random", (5, 7), 1.0), ("wide", (3, 11), 4.0), ("scalar", (), 1.0), ("empty", (0, 3), 1.0))

# By name of the function: options to try.
SMOOTH = {
    "F.softplus": [{}, dict(beta=2.0), dict(beta=0.5, threshold=1.0)],
    "F.logsigmoid": [{}],
    "F.mish": [{}],
    "F.tanhshrink": [{}],
    "F.softsign": [{}],
    "F.elu": [{}, dict(alpha=0.7)],
    "F.selu": [{}],
    # PyTorch rounds this alpha to f32 in the gradient.
    "F.celu": [{}, dict(alpha=1.75)],
}
# Made of straight lines; with where those meet.
STRAIGHT = {
    "F.leaky_relu": [({}, [0.0]), (dict(negative_slope=0.2), [0.0]), (dict(negative_slope=-0.5), [0.0])],
    "F.relu6": [({}, [0.0, 6.0])],
    "F.hardtanh": [({}, [-1.0, 1.0]), (dict(min_val=-0.5, max_val=2.0), [-0.5, 2.0])],
    "F.hardswish": [({}, [-3.0, 3.0, 0.0])],
    "F.hardsigmoid": [({}, [-3.0, 3.0, 0.0])],
    "F.hardshrink": [({}, [-0.5, 0.5, 0.0]), (dict(lambd=1.5), [-1.5, 1.5])],
    "F.softshrink": [({}, [-0.5, 0.5, 0.0]), (dict(lambd=1.5), [-1.5, 1.5])],
    "F.threshold": [(dict(threshold=0.5, value=-2.0), [0.5]), (dict(threshold=-1.0, value=0.25), [-1.0])],
    "F.rrelu": [({}, [0.0]), (dict(lower=0.3, upper=0.3, training=True), [0.0])],
}
# Of which PyTorch has no second derivative.
NO_SECOND = "F.hardsigmoid"

LAYERS = (
    ("ReLU", [{}]),
    ("ReLU6", [{}]),
    ("LeakyReLU", [{}, dict(negative_slope=0.3)]),
    ("ELU", [{}, dict(alpha=0.4)]),
    ("SELU", [{}]),
    ("CELU", [{}, dict(alpha=0.375)]),
    ("GELU", [{}, dict(approximate="tanh")]),
    ("SiLU", [{}]),
    ("Sigmoid", [{}]),
    ("Tanh", [{}]),
    ("Hardtanh", [{}, dict(min_val=-0.4, max_val=0.9)]),
    ("Hardswish", [{}]),
    ("Hardsigmoid", [{}]),
    ("Mish", [{}]),
    ("PReLU", [{}, dict(num_parameters=5), dict(init=0.1)]),
    ("Softplus", [{}, dict(beta=2.0, threshold=3.0)]),
    ("Softsign", [{}]),
    ("Softmax", [dict(dim=0), dict(dim=-1)]),
    ("LogSoftmax", [dict(dim=1)]),
    ("Softmin", [dict(dim=1)]),
    ("Softmax2d", [{}]),
    ("LogSigmoid", [{}]),
    ("Tanhshrink", [{}]),
    ("Hardshrink", [{}, dict(lambd=0.2)]),
    ("Softshrink", [{}, dict(lambd=0.2)]),
    ("Threshold", [dict(threshold=0.3, value=-1.0)]),
    ("GLU", [dict(dim=0), {}]),
    ("RReLU", [dict(lower=0.25, upper=0.25)]),
    ("Identity", [{}]),
)

ADAPTIVE = "nn.AdaptiveLogSoftmaxWithLoss"
# With `all_classes`: the log-probabilities of all, and the best.
OPERATIONS = {
    "forward."
    + ADAPTIVE: lambda layer, x, *labels, all_classes=False: (
        (layer.log_prob(x), layer.predict(x)) if all_classes else layer(x, *labels)
    ),
}
CLUSTERS = dict(in_features=8, n_classes=12, cutoffs=[4, 8], div_value=2.0)

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
        for op in ("F.softmax", "F.log_softmax", "F.softmin")
        for name, inputs, dim in (
            ("rank_2", normal(3, 5), -1),
            ("rank_3", normal(2, 3, 4), -1),
            ("first", normal(4, 3), 0),
            ("middle", normal(2, 3, 4), 1),
            ("large", exactly(LARGE), -1),
        )
        if (op, name) != ("F.softmin", "large")
    ],
    *[
        case(op, f"{name}_{i}" if i else name, normal(*shape, scale=scale), **options)
        for op, variants in SMOOTH.items()
        for i, options in enumerate(variants)
        for name, shape, scale in (SHAPES if i == 0 else SHAPES[:1])
    ],
    # Where PyTorch's infinities would meet zeros: only its first derivatives.
    *[
        case(op, "extremes", exactly(EXTREMES), second=False)
        for op in (*SMOOTH, "torch.sigmoid", "torch.tanh", "F.silu", "F.gelu")
    ],
    *[case(op, "below", exactly([[-20.5, -30.25], [-19.5, -25.0]])) for op in ("F.softplus", "F.mish", "F.silu")],
    case("F.logsigmoid", "below", exactly([-300.0])),
    case("F.logsigmoid", "above", exactly([20.5, 21.0])),
    case("F.softplus", "at_threshold", exactly([[20.0, 20.5], [19.5, 40.0]])),
    *[
        case(op, "kink", exactly([0.0, -0.0, 1.0, -1.0]))
        for op in ("F.elu", "F.selu", "F.celu", "F.softsign", "F.mish")
    ],
    *[
        case(op, f"{name}_{i}" if i else name, draw, second=op != NO_SECOND, **options)
        for op, variants in STRAIGHT.items()
        for i, (options, kinks) in enumerate(variants)
        for name, draw in (
            ("random", normal(5, 7, scale=2.0)),
            ("scalar", normal()),
            ("kinks", exactly([*kinks, 0.25, -0.25, 9.0, -9.0])),
        )
    ],
    *[
        case(op, "nan", exactly([NAN, 1.0]), second=op != NO_SECOND)
        for op in ("F.relu6", "F.hardtanh", "F.hardsigmoid", "F.hardshrink", "F.softshrink", "F.hardswish")
    ],
    *[
        case("F.prelu", name, nonzero(*shape), normal(weights))
        for name, shape, weights in (
            ("one", (3, 4), 1),
            ("vector", (5,), 1),
            ("scalar", (), 1),
            ("channels", (2, 3), 3),
            ("images", (2, 3, 2, 2), 3),
            ("batch_of_1", (1, 4, 3), 4),
            ("empty", (0, 3), 3),
        )
    ],
    # At 0, PyTorch's second derivative is not the derivative of its first.
    case("F.prelu", "kink", exactly([[0.0, -1.0], [2.0, -0.0]]), exactly([0.25, -0.5]), second=False),
    *[
        case("F.glu", name, normal(*shape), dim=dim)
        for name, shape, dim in (
            ("last", (3, 4), -1),
            ("first", (6, 3), 0),
            ("middle", (2, 4, 3), 1),
            ("vector", (2,), -1),
            ("empty", (0, 4), -1),
        )
    ],
    *[
        module("nn." + layer, f"variant_{i}", normal(4, 5, 6), init=init, second=layer != "Hardsigmoid")
        for layer, variants in LAYERS
        for i, init in enumerate(variants)
    ],
    module("nn.Softmax2d", "images", normal(2, 3, 2, 5), init={}),
    module("nn.PReLU", "images", normal(2, 3, 2, 2), init=dict(num_parameters=3)),
    module(ADAPTIVE, "batch", normal(7, 8), integers(7, below=12), init=CLUSTERS),
    module(ADAPTIVE, "head_bias", normal(5, 8), integers(5, below=12), init=CLUSTERS | dict(head_bias=True)),
    module(ADAPTIVE, "frequent_only", normal(3, 8), integers(3, below=4), init=CLUSTERS),
    module(ADAPTIVE, "one", normal(8), exactly(9), init=CLUSTERS),
    module(
        ADAPTIVE, "default", normal(4, 16), exactly([0, 2, 3, 5]), init=dict(in_features=16, n_classes=6, cutoffs=[2])
    ),
    module(ADAPTIVE, "all_classes", normal(5, 8), init=CLUSTERS, all_classes=True),
]
