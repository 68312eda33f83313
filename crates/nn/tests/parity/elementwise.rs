//! Answers to `xtask/parity/families/elementwise.py`.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options) = (case.x(0), case.options);
    let number = |name: &str| options.has(name).then(|| T::from_f64(options.float(name)));
    float(match case.op.strip_prefix("torch.")? {
        "abs" => x.abs(),
        "deg2rad" => x.deg2rad(),
        "rad2deg" => x.rad2deg(),
        "nan_to_num" => x.nan_to_num(number("nan"), number("posinf"), number("neginf")),
        "logit" => x.logit(options.has("eps").then(|| options.float("eps"))),
        "reciprocal" => x.reciprocal(),
        "rsqrt" => x.rsqrt(),
        "sqrt" => x.sqrt(),
        "floor" => x.floor(),
        "ceil" => x.ceil(),
        "round" => x.round(),
        "trunc" => x.trunc(),
        "sign" => x.sign(),
        "frac" => x.frac(),
        "atan2" => x.atan2(case.x(1)),
        "hypot" => x.hypot(case.x(1)),
        "xlogy" => x.xlogy(case.x(1)),
        "logaddexp" => x.logaddexp(case.x(1)),
        op => return transcendental(op, x).and_then(float),
    })
}

/// Exponentials, logarithms, and functions of angles and areas.
fn transcendental<T: Float>(op: &str, x: &Var<T>) -> Option<Var<T>> {
    Some(match op {
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "expm1" => x.expm1(),
        "log" => x.log(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "log1p" => x.log1p(),
        "erf" => x.erf(),
        "erfc" => x.erfc(),
        "erfinv" => x.erfinv(),
        "sinc" => x.sinc(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "asinh" => x.asinh(),
        "acosh" => x.acosh(),
        "atanh" => x.atanh(),
        _ => return None,
    })
}
