//! Cases of the family `activation`.

use gradus_tensor::GeluApproximation;

use super::{Case, Draw, MATRICES, SHAPES, recorded};
use crate::Var;

const PAIRS: &[&[&[usize]]] = &[
    &[&[2, 3], &[2, 3]],
    &[&[5], &[5]],
    &[&[], &[]],
    &[&[1], &[1]],
    &[&[0, 3], &[0, 3]],
    &[&[2, 1, 4], &[2, 1, 4]],
    &[&[7], &[7]],
    &[&[3, 3], &[3, 3]],
];

pub(super) const CASES: &[Case] = &[
    Case("tanh", |x| x[0].tanh(), Draw::Any, SHAPES),
    Case("sigmoid", |x| x[0].sigmoid(), Draw::Any, SHAPES),
    Case("silu", |x| x[0].silu(), Draw::Any, SHAPES),
    Case("gelu", |x| x[0].gelu(GeluApproximation::None), Draw::Any, SHAPES),
    Case("gelu", |x| x[0].gelu(GeluApproximation::Tanh), Draw::Any, SHAPES),
    Case("leaky_relu", |x| x[0].leaky_relu(0.1), Draw::Apart, SHAPES),
    Case("leaky_relu", |x| x[0].rrelu(0.1, 0.3, false), Draw::Apart, SHAPES),
    Case("elu", |x| x[0].elu(0.8), Draw::Apart, SHAPES),
    Case("elu", |x| x[0].selu(), Draw::Apart, SHAPES),
    Case("elu", |x| x[0].celu(0.7), Draw::Apart, SHAPES),
    Case("hardtanh", |x| x[0].hardtanh(-0.04, 0.06), Draw::Apart, SHAPES),
    Case("hardtanh", |x| x[0].relu6(), Draw::Apart, SHAPES),
    Case("hardswish", |x| x[0].hardswish(), Draw::Apart, SHAPES),
    Case("hardsigmoid", |x| x[0].hardsigmoid(), Draw::Apart, SHAPES),
    Case("mish", |x| x[0].mish(), Draw::Apart, SHAPES),
    Case("relu", |x| x[0].relu(), Draw::Apart, SHAPES),
    Case("where_positive", relu_gradient, Draw::Apart, PAIRS),
    Case("log_sigmoid", |x| x[0].log_sigmoid(), Draw::Any, SHAPES),
    Case("softplus", |x| x[0].softplus(1.0, 20.0), Draw::Any, SHAPES),
    Case("softplus", |x| x[0].softplus(2.0, 0.01), Draw::Apart, SHAPES),
    Case("softmax", |x| x[0].softmax(-1), Draw::Any, MATRICES),
    Case("softmax", |x| x[0].softmax(0), Draw::Any, MATRICES),
    Case("log_softmax", |x| x[0].log_softmax(-1), Draw::Any, MATRICES),
    Case("log_softmax", |x| x[0].log_softmax(0), Draw::Any, MATRICES),
];

fn relu_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.relu(), &x[1], &leaf)
}
