//! Answers to `xtask/parity/families/norm.py`.

use gradus_autograd::{BatchNormOptions, Var};
use gradus_nn::{
    BatchNorm1d, BatchNorm2d, BatchNorm3d, CosineSimilarity, GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d,
    Layer, LayerNorm, LocalResponseNorm, PairwiseDistance, RMSNorm,
};
use gradus_tensor::{Activation, ChannelMoments, Float, Tensor};

use crate::case::{Answer, Case, Options, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    if case.op.starts_with("nn.") {
        return module(case);
    }
    let (options, eps) = (case.options, case.options.float_or("eps", 1e-5));
    float(match case.op {
        "F.batch_norm" => batch_norm(case),
        "F.layer_norm" => case.x(0).layer_norm(&options.sizes("normalized_shape"), case.get(1), case.get(2), eps),
        "F.group_norm" => case.x(0).group_norm(options.size("num_groups"), case.get(1), case.get(2), eps),
        "F.instance_norm" if options.flag("running") => {
            let settings = BatchNormOptions { eps, ..BatchNormOptions::default() };
            case.x(0).batch_norm_with(&moments(case.x(0)), case.get(1), case.get(2), settings)
        }
        "F.instance_norm" => case.x(0).instance_norm(case.get(1), case.get(2), eps),
        "F.rms_norm" => {
            let eps = options.has("eps").then_some(eps);
            case.x(0).rms_norm(&options.sizes("normalized_shape"), case.get(1), eps)
        }
        "F.local_response_norm" => {
            let [alpha, beta, k] = [("alpha", 1e-4), ("beta", 0.75), ("k", 1.0)].map(|(n, or)| options.float_or(n, or));
            case.x(0).local_response_norm(options.size("size"), alpha, beta, k)
        }
        "F.normalize" => case.x(0).normalize(degree(options), dim(options), options.float_or("eps", 1e-12)),
        "F.cosine_similarity" => {
            let eps = options.float_or("eps", 1e-8);
            CosineSimilarity { dim: dim(options), eps }.forward(case.x(0), case.x(1))
        }
        "F.pairwise_distance" => distance(options).forward(case.x(0), case.x(1)),
        _ => return None,
    })
}

/// The dimension, 1 where it is not given.
fn dim(options: Options<'_>) -> isize {
    if options.has("dim") { options.int("dim") } else { 1 }
}

/// The degree of a norm, 2 where it is not given.
fn degree(options: Options<'_>) -> f64 {
    if options.text("p") == Some("inf") { f64::INFINITY } else { options.float_or("p", 2.0) }
}

fn distance(options: Options<'_>) -> PairwiseDistance {
    PairwiseDistance { p: degree(options), eps: options.float_or("eps", 1e-6), keep_dim: options.flag("keepdim") }
}

/// Channel c has mean c / 4 and variance c + 1/2.
fn moments<T: Float>(x: &Var<T>) -> ChannelMoments<T> {
    let by_channel = |f: fn(f64) -> f64| Tensor::from_fn([x.shape()[1]], |c| T::from_f64(f(c as f64)));
    ChannelMoments { mean: by_channel(|c| c / 4.0), variance: by_channel(|c| c + 0.5) }
}

/// Weight, bias and residual come in that order, each where there is one; in evaluation the moments are given.
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
    x[0].batch_norm_with(&moments(x[0]), weight, bias, settings)
}

fn module<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let init = case.options.init();
    let features = || init.size("num_features");
    let without = |name| init.has(name) && !init.flag(name);
    macro_rules! batch_norm {
        ($layer:ident) => {{
            let layer = $layer::new(features());
            let layer = if without("affine") { layer.without_affine() } else { layer };
            run(case, &if without("track_running_stats") { layer.without_running_stats() } else { layer })
        }};
    }
    macro_rules! instance_norm {
        ($layer:ident) => {{
            let layer = $layer::new(features());
            let layer = if init.flag("affine") { layer.with_affine() } else { layer };
            run(case, &if init.flag("track_running_stats") { layer.with_running_stats() } else { layer })
        }};
    }
    match case.op {
        "nn.BatchNorm1d" => batch_norm!(BatchNorm1d),
        "nn.BatchNorm2d" => batch_norm!(BatchNorm2d),
        "nn.BatchNorm3d" => batch_norm!(BatchNorm3d),
        "nn.InstanceNorm1d" => instance_norm!(InstanceNorm1d),
        "nn.InstanceNorm2d" => instance_norm!(InstanceNorm2d),
        "nn.InstanceNorm3d" => instance_norm!(InstanceNorm3d),
        "nn.LocalResponseNorm" => {
            let layer = LocalResponseNorm::new(init.size("size")).with_alpha(init.float("alpha"));
            run(case, &layer.with_beta(init.float("beta")).with_k(init.float("k")))
        }
        "nn.CosineSimilarity" => {
            float(CosineSimilarity { dim: dim(init), ..CosineSimilarity::default() }.forward(case.x(0), case.x(1)))
        }
        "nn.PairwiseDistance" => float(distance(init).forward(case.x(0), case.x(1))),
        "nn.LayerNorm" => {
            let layer = LayerNorm::new(init.sizes("normalized_shape"));
            run(case, &if without("bias") { layer.without_bias() } else { layer })
        }
        "nn.GroupNorm" => {
            let layer = GroupNorm::new(init.size("num_groups"), init.size("num_channels"));
            run(case, &if without("affine") { layer.without_affine() } else { layer })
        }
        "nn.RMSNorm" => {
            let layer = RMSNorm::new(init.sizes("normalized_shape"));
            run(case, &if init.has("eps") { layer.with_eps(init.float("eps")) } else { layer })
        }
        _ => None,
    }
}

/// What `layer` makes of the first input with the case's parameters.
fn run<T: Float>(case: &Case<'_, T>, layer: &impl Layer<T>) -> Answer<T> {
    case.load(layer);
    float(layer.forward(case.x(0)))
}
