//! Answers to `xtask/parity/families/arithmetic.py`.

use std::ops::{Add, Div, Mul, Sub};

use gradus_autograd::Var;
use gradus_tensor::{Float, Operand, Tensor};

use crate::case::{Answer, Case, Output, float};

/// An element type with operators that have a number first.
pub(crate) trait NumberFirst:
    Float
    + for<'a> Add<&'a Var<Self>, Output = Var<Self>>
    + for<'a> Sub<&'a Var<Self>, Output = Var<Self>>
    + for<'a> Mul<&'a Var<Self>, Output = Var<Self>>
    + for<'a> Div<&'a Var<Self>, Output = Var<Self>>
{
}

impl NumberFirst for f32 {}
impl NumberFirst for f64 {}

pub(crate) fn answer<T: NumberFirst>(case: &Case<'_, T>) -> Answer<T> {
    if let Some(mask) = mask(case) {
        return Some(vec![Output::Flags(mask)]);
    }
    let options = case.options;
    let number = |name: &str| T::from_f64(options.float(name));
    float(match case.op {
        "torch.add" => case.x(0) + case.x(1),
        "torch.sub" => case.x(0) - case.x(1),
        "torch.mul" => case.x(0) * case.x(1),
        "torch.div" => case.x(0) / case.x(1),
        "radd" => <T as Add<&Var<T>>>::add(number("number"), case.x(0)),
        "rsub" => <T as Sub<&Var<T>>>::sub(number("number"), case.x(0)),
        "rmul" => <T as Mul<&Var<T>>>::mul(number("number"), case.x(0)),
        "rdiv" => <T as Div<&Var<T>>>::div(number("number"), case.x(0)),
        "torch.pow" if options.has("exponent") => case.x(0).pow(number("exponent")),
        "torch.pow" => case.x(0).pow(case.x(1)),
        "rpow" => case.x(0).rpow(number("base")),
        "torch.square" => case.x(0).square(),
        "torch.clamp" => {
            let [min, max] = ["min", "max"].map(|bound| options.has(bound).then(|| number(bound)));
            case.x(0).clamp(min, max)
        }
        "torch.maximum" => case.x(0).maximum(case.x(1)),
        "torch.minimum" => case.x(0).minimum(case.x(1)),
        "torch.where" => case.x(1).where_(case.flags(0), case.x(2)),
        "where_number" => case.x(1).where_(case.flags(0), number("number")),
        "torch.fmod" if options.has("other") => case.x(0).fmod(number("other")),
        "torch.fmod" => case.x(0).fmod(case.x(1)),
        "torch.remainder" if options.has("other") => case.x(0).remainder(number("other")),
        "torch.remainder" => case.x(0).remainder(case.x(1)),
        "torch.lerp" if options.has("weight") => case.x(0).lerp(case.x(1), number("weight")),
        "torch.lerp" => case.x(0).lerp(case.x(1), case.x(2)),
        "torch.addcmul" => case.x(0).addcmul(case.x(1), case.x(2), number("value")),
        "torch.addcdiv" => case.x(0).addcdiv(case.x(1), case.x(2), number("value")),
        _ => return None,
    })
}

/// The truth values that a comparison, or an operation on truth values, gives.
fn mask<T: Float>(case: &Case<'_, T>) -> Option<Tensor<bool>> {
    Some(match case.op {
        "torch.isnan" => case.x(0).isnan(),
        "torch.isinf" => case.x(0).isinf(),
        "torch.isfinite" => case.x(0).isfinite(),
        "torch.logical_and" => case.flags(0).logical_and(case.flags(1)),
        "torch.logical_or" => case.flags(0).logical_or(case.flags(1)),
        "torch.logical_xor" => case.flags(0).logical_xor(case.flags(1)),
        "torch.logical_not" => case.flags(0).logical_not(),
        "compare_number" => {
            let number = T::from_f64(case.options.float("number"));
            return compare(case.options.text("comparison")?, case.x(0), number);
        }
        op => return compare(op.strip_prefix("torch.")?, case.get(0)?, case.get(1)?),
    })
}

fn compare<'a, T: Float>(comparison: &str, x: &Var<T>, other: impl Into<Operand<'a, T>>) -> Option<Tensor<bool>> {
    Some(match comparison {
        "eq" => x.eq(other),
        "ne" => x.ne(other),
        "lt" => x.lt(other),
        "le" => x.le(other),
        "gt" => x.gt(other),
        "ge" => x.ge(other),
        _ => return None,
    })
}
