//! Columns, sizes, places, and the order of channels and dimensions.

use gradus_autograd::{
    GridSampleMode, GridSampleOptions, GridSamplePadding, InterpolateMode, InterpolateOptions, InterpolateTo,
    UnfoldOptions,
};
use gradus_nn::{
    ChannelShuffle, Flatten, Fold, Layer, PixelShuffle, PixelUnshuffle, Unflatten, Unfold, Upsample,
    UpsamplingBilinear2d, UpsamplingNearest2d,
};
use gradus_tensor::Float;
use serde_json::Value;

use crate::case::{Answer, Case, Options, float};

pub(super) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options, init) = (case.x(0), case.options, case.options.init());
    float(match case.op {
        "F.unfold" => x.unfold(windows(options)),
        "F.fold" => x.fold(options.array("output_size"), windows(options)),
        "F.interpolate" => x.interpolate(&interpolation(options)),
        "F.grid_sample" => x.grid_sample(case.x(1), sampling(options)),
        "F.affine_grid" => x.affine_grid(&options.sizes("size"), options.flag("align_corners")),
        "F.channel_shuffle" => x.channel_shuffle(options.size("groups")),
        "nn.Unfold" => Unfold::with_options(windows(init)).forward(x),
        "nn.Fold" => Fold::with_options(init.array("output_size"), windows(init)).forward(x),
        "nn.Upsample" => Upsample::new(interpolation(init)).forward(x),
        "nn.UpsamplingNearest2d" => UpsamplingNearest2d::new(to(init)).forward(x),
        "nn.UpsamplingBilinear2d" => UpsamplingBilinear2d::new(to(init)).forward(x),
        "nn.PixelShuffle" => PixelShuffle::new(init.size("upscale_factor")).forward(x),
        "nn.PixelUnshuffle" => PixelUnshuffle::new(init.size("downscale_factor")).forward(x),
        "nn.ChannelShuffle" => ChannelShuffle::new(init.size("groups")).forward(x),
        "nn.Flatten" if init.has("start_dim") => {
            Flatten::with_dims(init.int("start_dim"), init.int("end_dim")).forward(x)
        }
        "nn.Flatten" => Flatten::new().forward(x),
        "nn.Unflatten" => Unflatten::new(init.int("dim"), &init.ints("unflattened_size")).forward(x),
        _ => return None,
    })
}

fn windows(options: Options<'_>) -> UnfoldOptions {
    UnfoldOptions {
        kernel_size: options.array("kernel_size"),
        dilation: options.array_or("dilation", 1),
        padding: options.array_or("padding", 0),
        stride: options.array_or("stride", 1),
    }
}

fn sampling(options: Options<'_>) -> GridSampleOptions {
    GridSampleOptions {
        mode: match options.text("mode").unwrap_or("bilinear") {
            "bilinear" => GridSampleMode::Bilinear,
            "nearest" => GridSampleMode::Nearest,
            "bicubic" => GridSampleMode::Bicubic,
            mode => panic!("no mode {mode}"),
        },
        padding_mode: match options.text("padding_mode").unwrap_or("zeros") {
            "zeros" => GridSamplePadding::Zeros,
            "border" => GridSamplePadding::Border,
            "reflection" => GridSamplePadding::Reflection,
            mode => panic!("no padding mode {mode}"),
        },
        align_corners: options.flag("align_corners"),
    }
}

fn interpolation(options: Options<'_>) -> InterpolateOptions {
    let mode = match options.text("mode").unwrap_or("nearest") {
        "nearest" => InterpolateMode::Nearest,
        "nearest-exact" => InterpolateMode::NearestExact,
        "linear" => InterpolateMode::Linear,
        "bilinear" => InterpolateMode::Bilinear,
        "trilinear" => InterpolateMode::Trilinear,
        "bicubic" => InterpolateMode::Bicubic,
        "area" => InterpolateMode::Area,
        mode => panic!("no mode {mode}"),
    };
    InterpolateOptions { to: to(options), mode, align_corners: options.flag("align_corners") }
}

fn to(options: Options<'_>) -> InterpolateTo {
    if options.has("size") {
        return InterpolateTo::Size(options.sizes("size"));
    }
    let number = |value: &Value| value.as_f64().expect("a factor");
    let factors = match &options.0["scale_factor"] {
        Value::Array(factors) => factors.iter().map(number).collect(),
        factor => vec![number(factor)],
    };
    if options.flag("recompute_scale_factor") {
        InterpolateTo::ScaleRecomputed(factors)
    } else {
        InterpolateTo::Scale(factors)
    }
}
