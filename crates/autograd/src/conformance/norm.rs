//! Cases of the family `norm`.

use gradus_tensor::{Activation, ChannelMoments, Tensor};

use super::{Case, Draw};
use crate::{BatchNormOptions, Context, Gradients, Rule, Var};

const BN_OPTIONS: BatchNormOptions<'_, f64> =
    BatchNormOptions { eps: 1e-2, residual: None, activation: Activation::Identity };

pub(super) const CASES: &[Case] = &[
    Case(
        "layer_norm",
        layer_norm,
        Draw::Any,
        &[&[&[3, 4], &[4], &[4]], &[&[2, 2, 3], &[3], &[3]], &[&[0, 2], &[2], &[2]], &[&[1, 5], &[5], &[5]]],
    ),
    Case(
        "layer_norm",
        |x| x[0].layer_norm(&[4], Some(&x[1]), Some(&x[1]), 1e-3),
        Draw::Any,
        &[&[&[3, 4], &[4]], &[&[2, 1, 4], &[4]]],
    ),
    Case("layer_norm", |x| x[0].layer_norm(&[2, 3], None, None, 1e-3), Draw::Any, &[&[&[2, 2, 3]], &[&[1, 2, 3]]]),
    Case(
        "batch_norm",
        |x| x[0].batch_norm(x.get(1), x.get(2), BN_OPTIONS).0,
        Draw::Any,
        &[
            &[&[4, 3], &[3], &[3]],
            &[&[2, 3, 2, 2], &[3], &[3]],
            &[&[3, 2, 2], &[2]],
            &[&[2, 1]],
            &[&[0, 0], &[0], &[0]],
        ],
    ),
    Case("batch_norm", batch_norm_fused, Draw::Any, &[&[&[2, 2, 2, 3], &[2], &[2], &[2, 2, 2, 3]]]),
    Case("batch_norm", batch_norm_of_twice_the_same, Draw::Any, &[&[&[3, 2]]]),
    Case("batch_norm", batch_norm_given, Draw::Any, &[&[&[2, 3], &[3], &[3]], &[&[2, 3, 2, 2], &[3]]]),
    Case(
        "group_norm",
        |x| x[0].group_norm(2, x.get(1), x.get(2), 1e-2),
        Draw::Any,
        &[
            &[&[2, 4, 3], &[4], &[4]],
            &[&[3, 2, 2, 2], &[2], &[2]],
            &[&[1, 4], &[4], &[4]],
            &[&[2, 6, 1, 3]],
            &[&[2, 2, 5], &[2]],
            &[&[0, 4, 2], &[4], &[4]],
        ],
    ),
    Case("group_norm", |x| x[0].group_norm(1, Some(&x[1]), Some(&x[1]), 1e-2), Draw::Any, &[&[&[2, 3, 2], &[3]]]),
    Case("group_norm", |x| x[0].instance_norm(x.get(1), x.get(2), 1e-2), Draw::Any, &[&[&[2, 3, 4], &[3], &[3]]]),
    Case(
        "rms_norm",
        |x| x[0].rms_norm(&x[0].shape()[1..], x.get(1), Some(1e-2)),
        Draw::Any,
        &[
            &[&[3, 4], &[4]],
            &[&[1, 5], &[5]],
            &[&[2, 2, 3], &[2, 3]],
            &[&[0, 2], &[2]],
            &[&[4, 1], &[1]],
            &[&[2, 7]],
            &[&[3, 2, 2]],
        ],
    ),
    Case("rms_norm", |x| x[0].rms_norm(&[3], Some(&x[1]), None), Draw::Positive, &[&[&[2, 3], &[3]]]),
];

fn layer_norm(x: &[Var<f64>]) -> Var<f64> {
    x[0].layer_norm(x[1].shape(), Some(&x[1]), Some(&x[2]), 1e-3)
}

/// With residual and rectifier, on images whose channels lie together.
fn batch_norm_fused(x: &[Var<f64>]) -> Var<f64> {
    let images = Var::from_operation(x[0].value().to_channels_last(), &[&x[0]], AsItIs);
    let options = BatchNormOptions { residual: Some(&x[3]), activation: Activation::Relu, ..BN_OPTIONS };
    images.batch_norm(Some(&x[1]), Some(&x[2]), options).0
}

/// The identity, for a value in another memory order.
struct AsItIs;

impl Rule<f64> for AsItIs {
    fn name(&self) -> &'static str {
        "as_it_is"
    }
    fn backward(&self, context: &Context<'_, f64>) -> Gradients<f64> {
        [Some(context.gradient().clone())].into_iter().collect()
    }
}

fn batch_norm_of_twice_the_same(x: &[Var<f64>]) -> Var<f64> {
    x[0].batch_norm(None, None, BatchNormOptions { residual: Some(&x[0]), ..BN_OPTIONS }).0
}

fn batch_norm_given(x: &[Var<f64>]) -> Var<f64> {
    let (mean, variance) = (Tensor::from_fn([3], |i| i as f64), Tensor::from_fn([3], |i| 0.5 + i as f64));
    x[0].batch_norm_with(&ChannelMoments { mean, variance }, x.get(1), x.get(2), BN_OPTIONS)
}
