//! Cases of the family `arithmetic`.

use gradus_tensor::Tensor;

use super::{BROADCASTS, Case, Draw, SHAPES};
use crate::Var;

pub(super) const CASES: &[Case] = &[
    Case("add", |x| &x[0] + &x[1], Draw::Any, BROADCASTS),
    Case("add_scalar", |x| &x[0] - 1.5, Draw::Any, SHAPES),
    Case("sub", |x| &x[0] - &x[1], Draw::Any, BROADCASTS),
    Case("mul", |x| &x[0] * &x[1], Draw::Any, BROADCASTS),
    Case("mul_scalar", |x| &x[0] * 3.0, Draw::Any, SHAPES),
    Case("div_scalar", |x| &x[0] / 3.0, Draw::Any, SHAPES),
    Case("div", |x| &x[0] / &x[1], Draw::Positive, BROADCASTS),
    Case("neg", |x| -&x[0], Draw::Any, SHAPES),
    Case("clamp", |x| x[0].clamp(Some(-0.04), Some(0.06)), Draw::Apart, SHAPES),
    Case("clamp", |x| x[0].clamp(None, Some(0.06)), Draw::Apart, SHAPES),
    Case("maximum", |x| x[0].maximum(&x[1]), Draw::Any, BROADCASTS),
    Case("maximum", |x| x[0].maximum(&x[0]), Draw::Any, SHAPES),
    Case("minimum", |x| x[0].minimum(&x[1]), Draw::Any, BROADCASTS),
    Case("minimum", |x| x[0].minimum(&x[0]), Draw::Any, SHAPES),
    Case("pow", |x| x[0].pow(&x[1]), Draw::Positive, BROADCASTS),
    Case("pow_base", |x| x[0].rpow(1.7), Draw::Any, SHAPES),
    Case("pow_scalar", |x| x[0].square(), Draw::Any, SHAPES),
    Case("pow_scalar", |x| x[0].pow(3.0), Draw::Any, SHAPES),
    Case("pow_scalar", |x| x[0].pow(-1.3), Draw::Positive, SHAPES),
    Case("pow_scalar", |x| x[0].pow(0.5), Draw::Positive, SHAPES),
    Case("fmod", |x| (&x[0] + 3.0).fmod(&x[1]), Draw::Positive, BROADCASTS),
    Case("fmod", |x| x[0].fmod(0.9), Draw::Apart, SHAPES),
    Case("remainder", |x| (-&x[0] - 3.0).remainder(&x[1]), Draw::Positive, BROADCASTS),
    Case("remainder", |x| x[0].remainder(-0.9), Draw::Apart, SHAPES),
    Case("sub", |x| 1.5 - &x[0], Draw::Any, SHAPES),
    Case("div", |x| 1.5 / &x[0], Draw::Positive, SHAPES),
    Case("add", |x| x[0].lerp(&x[1], 0.3), Draw::Any, BROADCASTS),
    Case("sub", |x| x[0].lerp(&x[1], 0.7), Draw::Any, BROADCASTS),
    Case("where", |x| x[0].where_(&mask(&x[0]), &x[1]), Draw::Any, BROADCASTS),
    Case("where", |x| x[0].where_(&mask(&x[0]), 0.5), Draw::Any, SHAPES),
];

/// True at every second element of a tensor of the shape of `x`.
fn mask(x: &Var<f64>) -> Tensor<bool> {
    Tensor::from_fn(x.shape(), |i| i % 2 == 0)
}
