//! Cases of the family `window`.

use gradus_tensor::{Activation, AxisMap, Conv2dOptions, MaxPoolOptions, Pool2dOptions, Tensor};

use super::{Case, Draw, recorded};
use crate::{
    AvgPoolOptions, ConvOptions, ConvPadding, ConvTransposeOptions, GridSampleMode, GridSampleOptions,
    GridSamplePadding, InterpolateMode, InterpolateOptions, LPPoolOptions, UnfoldOptions, Var,
};

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

const DILATED: MaxPoolOptions<2> =
    MaxPoolOptions { kernel_size: [2, 2], stride: [2, 1], padding: [1, 0], dilation: [2, 1], ceil_mode: true };
const OVERRIDDEN: AvgPoolOptions<3> = AvgPoolOptions {
    kernel_size: [2, 3, 2],
    stride: [1, 2, 2],
    padding: [1, 1, 0],
    ceil_mode: true,
    count_include_pad: false,
    divisor_override: Some(5),
};
const VOLUMES: ConvOptions<3> =
    ConvOptions { stride: [2, 1, 1], padding: ConvPadding::Zeros([1, 0, 1]), dilation: [1, 2, 1], groups: 2 };
const SPREAD: ConvTransposeOptions<3> = ConvTransposeOptions {
    stride: [2, 1, 1],
    padding: [1, 0, 1],
    output_padding: [1, 0, 0],
    dilation: [1, 2, 1],
    groups: 2,
};
const REFLECTED: GridSampleOptions = GridSampleOptions {
    mode: GridSampleMode::Bilinear,
    padding_mode: GridSamplePadding::Reflection,
    align_corners: true,
};
const BICUBIC: GridSampleOptions =
    GridSampleOptions { mode: GridSampleMode::Bicubic, padding_mode: GridSamplePadding::Border, align_corners: false };
const SEQUENCES: &[&[&[usize]]] =
    &[&[&[4]], &[&[2, 5]], &[&[3, 1, 3]], &[&[0, 4]], &[&[1, 7]], &[&[2, 1, 1, 2]], &[&[1]], &[&[3, 2]]];

pub(super) const CASES: &[Case] = &[
    Case(
        "reshape",
        |x| x[0].conv1d(&x[1], x.get(2), ConvOptions { padding: ConvPadding::Same, ..ConvOptions::default() }),
        Draw::Any,
        &[&[&[2, 3, 5], &[4, 3, 2], &[4]], &[&[3, 4], &[2, 3, 3]]],
    ),
    Case(
        "permute",
        |x| x[0].conv3d(&x[1], x.get(2), VOLUMES),
        Draw::Any,
        &[&[&[1, 4, 3, 3, 2], &[2, 2, 2, 2, 2], &[2]], &[&[2, 2, 2, 3, 1], &[2, 1, 1, 2, 3]]],
    ),
    Case(
        "conv2d_input_gradient",
        |x| x[0].conv_transpose2d(&x[1], None, ConvTransposeOptions { groups: 2, ..ConvTransposeOptions::default() }),
        Draw::Any,
        &[&[&[2, 4, 2, 3], &[4, 1, 2, 2]], &[&[1, 2, 1, 1], &[2, 3, 2, 1]]],
    ),
    Case(
        "add",
        |x| x[0].conv_transpose3d(&x[1], Some(&x[2]), SPREAD),
        Draw::Any,
        &[&[&[1, 4, 2, 2, 2], &[4, 1, 2, 2, 2], &[2]]],
    ),
    Case(
        "reshape",
        |x| x[0].conv_transpose1d(&x[1], None, ConvTransposeOptions { stride: [2], ..ConvTransposeOptions::default() }),
        Draw::Any,
        &[&[&[2, 2, 3], &[2, 3, 2]], &[&[1, 3], &[1, 2, 4]]],
    ),
    Case("reshape", |x| x[0].max_pool1d([2]), Draw::Apart, &[&[&[2, 5]], &[&[4]]]),
    Case("take", |x| x[0].adaptive_max_pool1d(3), Draw::Apart, &[&[&[2, 5]], &[&[1, 2]]]),
    Case("take", |x| x[0].adaptive_max_pool3d([2, 1, 2]), Draw::Apart, &[&[&[2, 3, 2, 3]]]),
    Case("map_axis", |x| x[0].avg_pool1d([2]), Draw::Any, &[&[&[2, 5]], &[&[4]]]),
    Case("map_axis", |x| x[0].adaptive_avg_pool1d(3), Draw::Any, &[&[&[2, 5]], &[&[1, 2]]]),
    Case("pow_scalar", |x| x[0].lp_pool1d(LPPoolOptions::new(3.0, [2])), Draw::Positive, &[&[&[2, 5]], &[&[4]]]),
    Case("pow_scalar", |x| x[0].lp_pool2d(LPPoolOptions::new(2.5, [2, 1])), Draw::Positive, &[&[&[2, 4, 3]]]),
    Case("pow_scalar", |x| x[0].lp_pool3d(LPPoolOptions::new(2.0, [2, 1, 2])), Draw::Positive, &[&[&[1, 4, 2, 3]]]),
    Case("reshape", |x| x[0].channel_shuffle(2), Draw::Any, &[&[&[2, 4, 3]], &[&[1, 6, 2, 1]]]),
    Case("reshape", |x| x[0].affine_grid(&[2, 1, 3, 2], false), Draw::Any, &[&[&[2, 2, 3]]]),
    Case(
        "add",
        |x| x[0].grid_sample(&x[1], GridSampleOptions::default()),
        Draw::Any,
        &[&[&[2, 2, 3, 4], &[2, 2, 1, 2]], &[&[1, 1, 2, 3, 2], &[1, 1, 2, 2, 3]]],
    ),
    Case("add", |x| x[0].grid_sample(&(&x[1] * 2.0), REFLECTED), Draw::Any, &[&[&[1, 2, 4, 3], &[1, 2, 3, 2]]]),
    Case("add", |x| x[0].grid_sample(&x[1], BICUBIC), Draw::Any, &[&[&[1, 2, 4, 3], &[1, 2, 2, 2]]]),
    Case("map_axis", |x| x[0].map_axis(-1, &weights(x)), Draw::Any, SEQUENCES),
    Case("map_axis", |x| x[0].avg_pool3d(OVERRIDDEN), Draw::Any, &[&[&[2, 2, 3, 4]], &[&[1, 3, 3, 3]]]),
    Case("map_axis", |x| x[0].adaptive_avg_pool3d([2, 1, 3]), Draw::Any, &[&[&[2, 3, 2, 2]]]),
    Case("reshape", |x| x[0].unfold(UnfoldOptions::new([2, 2])), Draw::Any, &[&[&[2, 2, 3, 3]], &[&[1, 2, 3]]]),
    Case("map_axis", |x| x[0].fold([3, 4], UnfoldOptions::new([2, 3])), Draw::Any, &[&[&[2, 6, 4]]]),
    Case("map_axis", |x| x[0].interpolate(&cubic()), Draw::Any, &[&[&[2, 1, 3, 4]], &[&[1, 2, 1, 2]]]),
    Case("max_pool2d", |x| x[0].max_pool2d(DILATED), Draw::Apart, &[&[&[2, 5, 4]], &[&[4, 3]]]),
    Case("take", |x| x[0].max_pool3d([2, 1, 2]), Draw::Apart, &[&[&[2, 3, 2, 4]], &[&[2, 1, 3]]]),
    Case("take", |x| x[0].adaptive_max_pool2d([2, 3]), Draw::Apart, &[&[&[2, 3, 5]], &[&[4, 2]]]),
    Case("max_unpool", unpooled, Draw::Any, SEQUENCES),
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

/// Windows of three with unequal weights, all entries of the dimension at least once.
fn weights(x: &[Var<f64>]) -> AxisMap {
    let size = x[0].shape()[x[0].shape().len() - 1];
    AxisMap::new(size, 5, |i| (0..3).map(move |k| ((i + 2 * k) % size, 1.0 + k as f64)).take(i.max(1)))
}

fn cubic() -> InterpolateOptions {
    InterpolateOptions { mode: InterpolateMode::Bicubic, ..InterpolateOptions::size(&[5, 3]) }
}

/// Each element at the place that counts from the end, two apart.
fn unpooled(x: &[Var<f64>]) -> Var<f64> {
    let size = x[0].shape()[x[0].shape().len() - 1];
    let places = Tensor::from_fn(x[0].shape(), |i| (2 * (size - 1 - i % size)) as i64);
    x[0].max_unpool(&places, [2 * size]).expect("the places are inside")
}
