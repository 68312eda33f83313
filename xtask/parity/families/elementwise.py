"""Functions of each element."""

from cases import case, exactly, nonzero, normal, positive, uniform

INFINITY, NAN = float("inf"), float("nan")
SPECIAL = [[1.5, NAN, INFINITY], [-INFINITY, 0.0, -2.0]]
# By name: shape and scale.
SHAPES = (("random", (5, 7), 1.0), ("wide", (3, 11), 4.0), ("scalar", (), 1.0))
INSIDE = dict(low=-0.9, high=0.9)

CASES = [
    *[case("torch." + op, name, normal(*shape, scale=scale)) for op in ("exp", "erf") for name, shape, scale in SHAPES],
    *[
        case("torch." + op, name, positive(*shape))
        for op in ("log", "sqrt", "log2", "log10", "log1p", "rsqrt", "sinc")
        for name, shape in (("random", (5, 7)), ("scalar", ()), ("one", (1,)), ("empty", (0, 3)))
    ],
    *[
        case("torch." + op, name, draw(*shape))
        for op, draw in (
            ("abs", nonzero),
            ("expm1", normal),
            ("exp2", normal),
            ("reciprocal", nonzero),
            ("sin", normal),
            ("cos", normal),
            ("sinh", normal),
            ("cosh", normal),
            ("asinh", normal),
            ("atan", normal),
            ("erfc", normal),
            ("frac", normal),
            ("deg2rad", normal),
            ("rad2deg", normal),
        )
        for name, shape in (("random", (5, 7)), ("odd", (3, 1, 11)), ("scalar", ()), ("empty", (2, 0)))
    ],
    *[
        case("torch." + op, name, uniform(*shape, **INSIDE))
        for op in ("asin", "acos", "atanh", "erfinv", "tan")
        for name, shape in (("random", (5, 7)), ("scalar", ()))
    ],
    case("torch.acosh", "random", uniform(5, 7, low=1.2, high=4.0)),
    case("torch.acosh", "scalar", uniform(low=1.2, high=4.0)),
    *[
        case("torch." + op, "wide", normal(3, 11, scale=scale))
        for op, scale in (("sin", 30.0), ("cos", 30.0), ("atan", 20.0), ("asinh", 50.0), ("sinh", 3.0), ("cosh", 3.0))
    ],
    # All the same size, so that each must be right.
    case("torch.log1p", "tiny", uniform(3, 5, low=1e-9, high=2e-9)),
    case("torch.expm1", "tiny", uniform(3, 5, low=1e-9, high=2e-9)),
    case("torch.erfc", "tail", uniform(3, 5, low=4.0, high=4.2)),
    case("torch.erfinv", "tail", exactly([0.99, -0.995, 0.999])),
    case("torch.erfinv", "tiny", uniform(3, 5, low=1e-6, high=2e-6)),
    # Kinks, jumps and ends.
    case("torch.abs", "kink", exactly([0.0, -0.0, 1.5, -2.5])),
    case("torch.sqrt", "zero", exactly([0.0, 4.0]), second=False),
    case("torch.rsqrt", "zero", exactly([0.0, 4.0, INFINITY]), second=False),
    case("torch.log", "ends", exactly([0.0, 1.0, INFINITY]), second=False),
    case("torch.log1p", "ends", exactly([-1.0, 0.0, INFINITY]), second=False),
    case("torch.expm1", "ends", exactly([-1e3, 0.0, -INFINITY]), second=False),
    case("torch.reciprocal", "ends", exactly([0.0, 4.0, -INFINITY]), second=False),
    case("torch.sinc", "zero", exactly([0.0, 0.5, 1.0, -1.0, 2.5]), second=False),
    *[
        case("torch." + op, "ends", exactly([-1.0, 0.0, 1.0]), second=False)
        for op in ("asin", "acos", "atanh", "erfinv")
    ],
    *[
        case("torch." + op, name, draw)
        for op in ("floor", "ceil", "round", "trunc", "sign", "frac")
        for name, draw in (
            ("jumps", exactly([-2.5, -2.0, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.0, 2.5, 3.5])),
            ("random_wide", normal(5, 7, scale=3.0)),
        )
    ],
    case("torch.nan_to_num", "infinities", exactly(SPECIAL), posinf=9.0, neginf=-9.0),
    case("torch.nan_to_num", "given", exactly(SPECIAL), nan=0.5, posinf=2.0, neginf=-3.0),
    case("torch.nan_to_num", "only_nan", exactly([1.5, NAN, -2.0])),
    case("torch.logit", "random", uniform(5, 7, low=0.05, high=0.95)),
    case("torch.logit", "outside", exactly([-0.5, 0.25, 1.5]), second=False),
    case("torch.logit", "scalar", uniform(low=0.05, high=0.95)),
    case("torch.logit", "at_eps", exactly([0.0, 0.25, 0.5, 0.75, 1.0]), eps=0.25, second=False),
    case("torch.logit", "eps", uniform(5, 7, low=-0.2, high=1.2), eps=0.1),
    # Of two tensors.
    *[
        case("torch." + op, name, draw(*a), draw(*b))
        for op, draw in (("atan2", nonzero), ("hypot", nonzero), ("xlogy", positive), ("logaddexp", normal))
        for name, a, b in (
            ("same", (3, 4), (3, 4)),
            ("column_row", (3, 1), (4,)),
            ("leading", (3,), (2, 2, 3)),
            ("scalars", (), ()),
            ("empty", (0, 3), (3,)),
        )
    ],
    case("torch.atan2", "axes", exactly([0.0, 1.0, 0.0, -1.0, 0.0]), exactly([0.0, 0.0, -1.0, 0.0, 1.0]), second=False),
    case("torch.hypot", "large", exactly([3e15, 5e15]), exactly([4e15, 12e15]), second=False),
    case("torch.xlogy", "zeros", exactly([0.0, 0.0, 1.0, 0.0]), exactly([0.0, 1.0, 0.0, NAN]), second=False),
    # PyTorch's second derivative is NaN.
    case("torch.logaddexp", "far", exactly([1e3, -1e3]), exactly([-1e3, 1e3]), second=False),
    case("torch.logaddexp", "large", exactly([-1e3, 0.0, 500.0]), exactly([-1e3, 0.0, 501.0])),
    case("torch.logaddexp", "infinite", exactly([INFINITY, -INFINITY]), exactly([0.0, 1.0]), second=False),
]
