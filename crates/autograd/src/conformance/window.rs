//! Cases of the family `window`.

use gradus_tensor::{Activation, Conv2dOptions, Pool2dOptions};

use super::{Case, Draw, recorded};
use crate::Var;

const CONV_3X3: Conv2dOptions = Conv2dOptions { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 1 };
const CONV_GROUPS: Conv2dOptions = Conv2dOptions { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 2 };
const CONV_SHAPES: &[&[&[usize]]] =
    &[&[&[2, 2, 5, 5], &[3, 2, 3, 2], &[3]], &[&[1, 1, 3, 4], &[1, 1, 1, 1]], &[&[1, 2, 4, 3], &[1, 2, 2, 3], &[1]]];
/// Images, weights of two groups, and the gradient of the output.
const CONV_GRADIENT_SHAPES: &[&[&[usize]]] = &[
    &[&[2, 2, 4, 4], &[2, 1, 3, 3], &[2, 2, 4, 4]],
    &[&[1, 2, 3, 3], &[2, 1, 1, 1], &[1, 2, 5, 5]],
    &[&[1, 4, 2, 3], &[2, 2, 2, 3], &[1, 2, 3, 3]],
    &[&[3, 2, 1, 1], &[4, 1, 3, 3], &[3, 4, 1, 1]],
    &[&[1, 2, 5, 2], &[2, 1, 3, 2], &[1, 2, 5, 3]],
    &[&[2, 4, 3, 2], &[4, 2, 3, 1], &[2, 4, 3, 4]],
    &[&[1, 2, 2, 2], &[2, 1, 2, 2], &[1, 2, 3, 3]],
    &[&[1, 6, 2, 2], &[2, 3, 1, 2], &[1, 2, 4, 3]],
];
/// The same with a bias.
const CONV_BIAS_SHAPES: &[&[&[usize]]] = &[
    &[&[2, 4, 3, 3], &[4, 2, 3, 3], &[4], &[2, 4, 3, 3]],
    &[&[2, 2, 4, 4], &[2, 1, 3, 3], &[2], &[2, 2, 4, 4]],
    &[&[1, 2, 3, 3], &[2, 1, 1, 1], &[2], &[1, 2, 5, 5]],
    &[&[1, 4, 2, 3], &[2, 2, 2, 3], &[2], &[1, 2, 3, 3]],
    &[&[3, 2, 1, 1], &[4, 1, 3, 3], &[4], &[3, 4, 1, 1]],
    &[&[1, 2, 5, 2], &[2, 1, 3, 2], &[2], &[1, 2, 5, 3]],
    &[&[1, 2, 2, 2], &[2, 1, 2, 2], &[2], &[1, 2, 3, 3]],
    &[&[1, 6, 2, 2], &[2, 3, 1, 2], &[2], &[1, 2, 4, 3]],
];
const POOL_SHAPES: &[&[&[usize]]] = &[
    &[&[2, 4, 5]],
    &[&[1, 2, 2, 3]],
    &[&[3, 3]],
    &[&[1, 1, 5, 4]],
    &[&[4, 3]],
    &[&[2, 2, 3, 3]],
    &[&[1, 6, 3]],
    &[&[7, 5]],
];
/// Images and the gradient of the output.
const POOL_GRADIENT_SHAPES: &[&[&[usize]]] = &[
    &[&[2, 4, 5], &[2, 3, 3]],
    &[&[1, 2, 2, 3], &[1, 2, 2, 1]],
    &[&[3, 3], &[2, 1]],
    &[&[1, 1, 5, 4], &[1, 1, 3, 2]],
    &[&[4, 3], &[3, 1]],
    &[&[2, 2, 3, 3], &[2, 2, 2, 1]],
    &[&[1, 6, 3], &[1, 4, 1]],
    &[&[7, 5], &[4, 3]],
];
/// Images, the gradient of the output, and one of that gradient's gradient.
const POOL_SECOND_SHAPES: &[&[&[usize]]] = &[
    &[&[2, 4, 5], &[2, 3, 3], &[2, 4, 5]],
    &[&[1, 2, 2, 3], &[1, 2, 2, 1], &[1, 2, 2, 3]],
    &[&[3, 3], &[2, 1], &[3, 3]],
    &[&[1, 1, 5, 4], &[1, 1, 3, 2], &[1, 1, 5, 4]],
    &[&[4, 3], &[3, 1], &[4, 3]],
    &[&[2, 2, 3, 3], &[2, 2, 2, 1], &[2, 2, 3, 3]],
    &[&[1, 6, 3], &[1, 4, 1], &[1, 6, 3]],
    &[&[7, 5], &[4, 3], &[7, 5]],
];
const POOL: Pool2dOptions = Pool2dOptions { kernel_size: [2, 3], stride: [2, 1], padding: [1, 0] };

pub(super) const CASES: &[Case] = &[
    Case("conv2d", |x| x[0].conv2d(&x[1], x.get(2), CONV_3X3), Draw::Any, CONV_SHAPES),
    Case(
        "conv2d",
        |x| x[0].conv2d(&x[1], x.get(2), CONV_GROUPS),
        Draw::Any,
        &[&[&[2, 4, 3, 3], &[4, 2, 3, 3], &[4]], &[&[1, 2, 2, 4], &[2, 1, 3, 3]]],
    ),
    Case("conv2d", |x| x[0].conv2d_with(&x[1], x.get(2), CONV_3X3, Activation::Relu), Draw::Apart, CONV_SHAPES),
    Case("conv2d_bias_gradient", conv_bias_gradient, Draw::Any, CONV_BIAS_SHAPES),
    Case("conv2d_input_gradient", |x| conv_gradient(x, 0), Draw::Any, CONV_GRADIENT_SHAPES),
    Case("conv2d_weight_gradient", |x| conv_gradient(x, 1), Draw::Any, CONV_GRADIENT_SHAPES),
    Case("max_pool2d", |x| x[0].max_pool2d(POOL), Draw::Apart, POOL_SHAPES),
    Case("avg_pool2d", |x| x[0].avg_pool2d(POOL), Draw::Any, POOL_SHAPES),
    Case("avg_pool2d", |x| x[0].adaptive_avg_pool2d([2, 3]), Draw::Any, &[&[&[2, 4, 5]], &[&[1, 2, 1, 7]]]),
    Case("avg_pool2d_gradient", average_gradient, Draw::Any, POOL_GRADIENT_SHAPES),
    Case("scatter_planes", pool_gradient, Draw::Apart, POOL_GRADIENT_SHAPES),
    Case("gather_planes", pool_second_gradient, Draw::Apart, POOL_SECOND_SHAPES),
];

fn conv_gradient(x: &[Var<f64>], input: usize) -> Var<f64> {
    let leaves = [x[0].clone().requires_grad_(), x[1].clone().requires_grad_()];
    recorded(&leaves[0].conv2d(&leaves[1], None, CONV_GROUPS), &x[2], &leaves[input])
}

fn conv_bias_gradient(x: &[Var<f64>]) -> Var<f64> {
    let bias = x[2].clone().requires_grad_();
    recorded(&x[0].conv2d(&x[1], Some(&bias), CONV_GROUPS), &x[3], &bias)
}

fn pool_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.max_pool2d(POOL), &x[1], &leaf)
}

fn average_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.avg_pool2d(POOL), &x[1], &leaf)
}

fn pool_second_gradient(x: &[Var<f64>]) -> Var<f64> {
    let upstream = x[1].clone().requires_grad_();
    recorded(&pool_gradient(&[x[0].clone(), upstream.clone()]), &x[2], &upstream)
}
