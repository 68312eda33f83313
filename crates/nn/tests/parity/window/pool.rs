//! Pooling and unpooling.

use gradus_autograd::{AvgPoolOptions, LPPoolOptions, Var, max_unpool_size};
use gradus_nn::{AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, LPPool, Layer, MaxPool, MaxUnpool};
use gradus_tensor::{Float, MaxPoolOptions, Tensor};

use super::{stride, with_indices};
use crate::case::{Answer, Case, Options, float};

pub(super) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    if case.op.starts_with("nn.") {
        return module(case);
    }
    let (x, options) = (case.x(0), case.options);
    float(match case.op {
        "F.max_pool1d" => return with_indices(x.max_pool_with_indices::<1>(max_options(options))),
        "F.max_pool2d" => return with_indices(x.max_pool_with_indices::<2>(max_options(options))),
        "F.max_pool3d" => return with_indices(x.max_pool_with_indices::<3>(max_options(options))),
        "F.adaptive_max_pool1d" => return with_indices(adaptive_max::<1, T>(x, options)),
        "F.adaptive_max_pool2d" => return with_indices(adaptive_max::<2, T>(x, options)),
        "F.adaptive_max_pool3d" => return with_indices(adaptive_max::<3, T>(x, options)),
        "F.max_unpool1d" => max_unpool::<1, T>(case),
        "F.max_unpool2d" => max_unpool::<2, T>(case),
        "F.max_unpool3d" => max_unpool::<3, T>(case),
        "F.avg_pool1d" => x.avg_pool1d(avg_options(options)),
        "F.avg_pool2d" => x.avg_pool2d(avg_options(options)),
        "F.avg_pool3d" => x.avg_pool3d(avg_options(options)),
        "F.lp_pool1d" => x.lp_pool1d(lp_options(options)),
        "F.lp_pool2d" => x.lp_pool2d(lp_options(options)),
        "F.lp_pool3d" => x.lp_pool3d(lp_options(options)),
        "F.adaptive_avg_pool1d" => x.adaptive_avg_pool1d(options.size("output_size")),
        "F.adaptive_avg_pool2d" => x.adaptive_avg_pool2d(options.array("output_size")),
        "F.adaptive_avg_pool3d" => x.adaptive_avg_pool3d(options.array("output_size")),
        _ => return None,
    })
}

fn module<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, init) = (case.x(0), case.options.init());
    float(match case.op {
        "nn.MaxPool1d" => return max_pool::<1, T>(case),
        "nn.MaxPool2d" => return max_pool::<2, T>(case),
        "nn.MaxPool3d" => return max_pool::<3, T>(case),
        "nn.AdaptiveMaxPool1d" => return adaptive_max_pool::<1, T>(case),
        "nn.AdaptiveMaxPool2d" => return adaptive_max_pool::<2, T>(case),
        "nn.AdaptiveMaxPool3d" => return adaptive_max_pool::<3, T>(case),
        "nn.MaxUnpool1d" => unpool_layer::<1, T>(case),
        "nn.MaxUnpool2d" => unpool_layer::<2, T>(case),
        "nn.MaxUnpool3d" => unpool_layer::<3, T>(case),
        "nn.AvgPool1d" => AvgPool::<1>::with_options(avg_options(init)).forward(x),
        "nn.AvgPool2d" => AvgPool::<2>::with_options(avg_options(init)).forward(x),
        "nn.AvgPool3d" => AvgPool::<3>::with_options(avg_options(init)).forward(x),
        "nn.LPPool1d" => LPPool::<1>::with_options(lp_options(init)).forward(x),
        "nn.LPPool2d" => LPPool::<2>::with_options(lp_options(init)).forward(x),
        "nn.LPPool3d" => LPPool::<3>::with_options(lp_options(init)).forward(x),
        "nn.AdaptiveAvgPool1d" => AdaptiveAvgPool::new(output_size::<1>(init)).forward(x),
        "nn.AdaptiveAvgPool2d" => AdaptiveAvgPool::new(output_size::<2>(init)).forward(x),
        "nn.AdaptiveAvgPool3d" => AdaptiveAvgPool::new(output_size::<3>(init)).forward(x),
        _ => return None,
    })
}

/// A layer with or without the places of its maxima.
fn max_pool<const D: usize, T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let layer = MaxPool::<D>::with_options(max_options(case.options.init()));
    if case.options.init().flag("return_indices") {
        return with_indices(layer.forward_with_indices(case.x(0)));
    }
    float(layer.forward(case.x(0)))
}

fn adaptive_max_pool<const D: usize, T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let layer = AdaptiveMaxPool::new(output_size::<D>(case.options.init()));
    if case.options.init().flag("return_indices") {
        return with_indices(layer.forward_with_indices(case.x(0)));
    }
    float(layer.forward(case.x(0)))
}

fn adaptive_max<const D: usize, T: Float>(x: &Var<T>, options: Options<'_>) -> (Var<T>, Tensor<i64>) {
    x.adaptive_max_pool_with_indices::<D>(options.array("output_size"))
}

fn max_unpool<const D: usize, T: Float>(case: &Case<'_, T>) -> Var<T> {
    let (x, options) = (case.x(0), case.options);
    let size = if options.has("output_size") {
        options.array("output_size")
    } else {
        max_unpool_size::<D>(*x.shape().last_chunk().expect("D dimensions"), max_options(options))
    };
    x.max_unpool(case.integers(1), size).expect("the places are inside")
}

fn unpool_layer<const D: usize, T: Float>(case: &Case<'_, T>) -> Var<T> {
    let layer = MaxUnpool::<D>::with_options(max_options(case.options.init()));
    let out = if case.options.has("output_size") {
        layer.forward_to(case.x(0), case.integers(1), case.options.array("output_size"))
    } else {
        layer.forward(case.x(0), case.integers(1))
    };
    out.expect("the places are inside")
}

fn max_options<const D: usize>(options: Options<'_>) -> MaxPoolOptions<D> {
    MaxPoolOptions {
        kernel_size: options.array("kernel_size"),
        stride: stride(options),
        padding: options.array_or("padding", 0),
        dilation: options.array_or("dilation", 1),
        ceil_mode: options.flag("ceil_mode"),
    }
}

fn avg_options<const D: usize>(options: Options<'_>) -> AvgPoolOptions<D> {
    AvgPoolOptions {
        kernel_size: options.array("kernel_size"),
        stride: stride(options),
        padding: options.array_or("padding", 0),
        ceil_mode: options.flag("ceil_mode"),
        count_include_pad: !options.has("count_include_pad") || options.flag("count_include_pad"),
        divisor_override: options.has("divisor_override").then(|| options.size("divisor_override")),
    }
}

fn lp_options<const D: usize>(options: Options<'_>) -> LPPoolOptions<D> {
    LPPoolOptions {
        norm_type: options.float("norm_type"),
        kernel_size: options.array("kernel_size"),
        stride: stride(options),
        ceil_mode: options.flag("ceil_mode"),
    }
}

/// Sizes, of which some may be None.
fn output_size<const D: usize>(init: Options<'_>) -> [Option<usize>; D] {
    let asked = &init.0["output_size"];
    std::array::from_fn(|d| asked.get(d).unwrap_or(asked).as_u64().map(|size| size as usize))
}
