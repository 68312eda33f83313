//! Answers to `xtask/parity/families/norm.py`.

use gradus_autograd::{BatchNormOptions, Var};
use gradus_tensor::{Activation, ChannelMoments, Float, Tensor};

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let options = case.options;
    float(match case.op {
        "F.batch_norm" => batch_norm(case),
        "F.layer_norm" => {
            case.x(0).layer_norm(&options.sizes("normalized_shape"), case.get(1), case.get(2), options.float("eps"))
        }
        _ => return None,
    })
}

/// Weight, bias and residual come in that order, each where there is one; in evaluation channel c has mean c / 4 and
/// variance c + 1/2.
fn batch_norm<T: Float>(case: &Case<'_, T>) -> Var<T> {
    let (x, options) = (case.floats(), case.options);
    let (affine, residual) = if options.flag("residual") { x.split_at(x.len() - 1) } else { (&x[..], &[][..]) };
    let (weight, bias) = (affine.get(1).copied(), affine.get(2).copied());
    let activation = if options.flag("relu") { Activation::Relu } else { Activation::Identity };
    let eps = options.float("eps");
    let settings = BatchNormOptions { eps, residual: residual.first().copied(), activation };
    if options.flag("training") {
        return x[0].batch_norm(weight, bias, settings).0;
    }
    let by_channel = |f: fn(f64) -> f64| Tensor::from_fn([x[0].shape()[1]], |c| T::from_f64(f(c as f64)));
    let moments = ChannelMoments { mean: by_channel(|c| c / 4.0), variance: by_channel(|c| c + 0.5) };
    x[0].batch_norm_with(&moments, weight, bias, settings)
}
