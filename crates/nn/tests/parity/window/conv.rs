//! Convolutions and their transposes.

use gradus_autograd::{ConvOptions, ConvPadding, ConvTransposeOptions, PadMode, Var};
use gradus_nn::{Conv, ConvTranspose, Layer};
use gradus_tensor::Float;

use crate::case::{Answer, Case, Options, float};

pub(super) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    if case.op.starts_with("nn.") {
        return module(case);
    }
    let (x, weight, bias) = (case.x(0), case.get(1), case.get(2));
    float(match case.op {
        "F.conv1d" => x.conv1d(weight?, bias, conv_options(case.options)),
        "F.conv2d" => x.conv2d(weight?, bias, conv_options(case.options)),
        "F.conv3d" => x.conv3d(weight?, bias, conv_options(case.options)),
        "F.conv_transpose1d" => x.conv_transpose1d(weight?, bias, transpose_options(case.options)),
        "F.conv_transpose2d" => x.conv_transpose2d(weight?, bias, transpose_options(case.options)),
        "F.conv_transpose3d" => x.conv_transpose3d(weight?, bias, transpose_options(case.options)),
        _ => return None,
    })
}

fn module<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    float(match case.op {
        "nn.Conv1d" => conv::<1, T>(case),
        "nn.Conv2d" => conv::<2, T>(case),
        "nn.Conv3d" => conv::<3, T>(case),
        "nn.ConvTranspose1d" => conv_transpose::<1, T>(case),
        "nn.ConvTranspose2d" => conv_transpose::<2, T>(case),
        "nn.ConvTranspose3d" => conv_transpose::<3, T>(case),
        _ => return None,
    })
}

fn conv<const D: usize, T: Float>(case: &Case<'_, T>) -> Var<T> {
    let init = case.options.init();
    let [inputs, outputs] = ["in_channels", "out_channels"].map(|name| init.size(name));
    let options: ConvOptions<D> = conv_options(init);
    let mut layer = Conv::with_options(inputs, outputs, init.array("kernel_size"), options);
    if !bias(init) {
        layer = layer.without_bias();
    }
    let layer = match init.text("padding_mode") {
        Some("reflect") => layer.with_padding_mode(PadMode::Reflect),
        Some("replicate") => layer.with_padding_mode(PadMode::Replicate),
        Some("circular") => layer.with_padding_mode(PadMode::Circular),
        _ => layer,
    };
    case.load(&layer);
    layer.forward(case.x(0))
}

fn conv_transpose<const D: usize, T: Float>(case: &Case<'_, T>) -> Var<T> {
    let init = case.options.init();
    let [inputs, outputs] = ["in_channels", "out_channels"].map(|name| init.size(name));
    let options: ConvTransposeOptions<D> = transpose_options(init);
    let mut layer = ConvTranspose::with_options(inputs, outputs, init.array("kernel_size"), options);
    if !bias(init) {
        layer = layer.without_bias();
    }
    case.load(&layer);
    if case.options.has("output_size") {
        return layer.forward_to(case.x(0), case.options.array("output_size"));
    }
    layer.forward(case.x(0))
}

/// Whether a layer has a bias.
fn bias(init: Options<'_>) -> bool {
    !init.has("bias") || init.flag("bias")
}

fn conv_options<const D: usize>(options: Options<'_>) -> ConvOptions<D> {
    ConvOptions {
        stride: options.array_or("stride", 1),
        padding: match options.text("padding") {
            Some("same") => ConvPadding::Same,
            Some("valid") => ConvPadding::Valid,
            _ => ConvPadding::Zeros(options.array_or("padding", 0)),
        },
        dilation: options.array_or("dilation", 1),
        groups: options.size_or("groups", 1),
    }
}

fn transpose_options<const D: usize>(options: Options<'_>) -> ConvTransposeOptions<D> {
    ConvTransposeOptions {
        stride: options.array_or("stride", 1),
        padding: options.array_or("padding", 0),
        output_padding: options.array_or("output_padding", 0),
        dilation: options.array_or("dilation", 1),
        groups: options.size_or("groups", 1),
    }
}
