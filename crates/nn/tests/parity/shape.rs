//! Answers to `xtask/parity/families/shape.py`.

use gradus_autograd::{PadMode, Var, cartesian_prod, meshgrid};
use gradus_tensor::Float;

use crate::case::{Answer, Case, Input, float, floats};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options) = (case.x(0), case.options);
    if let Some(parts) = parts(case) {
        return floats(parts);
    }
    let all = || case.floats().into_iter().cloned().collect::<Vec<Var<T>>>();
    float(match case.op {
        "torch.reshape" => x.reshape(options.sizes("shape")),
        "torch.permute" => x.permute(&options.sizes("dims")),
        "torch.transpose" => x.transpose(options.int("dim0"), options.int("dim1")),
        "torch.movedim" => x.movedim(&options.ints("source"), &options.ints("destination")),
        "gradus.slice" => {
            x.slice_step(options.int("dim"), options.size("start")..options.size("stop"), options.size("step"))
        }
        "torch.select" => x.select(options.int("dim"), options.int("index")),
        "torch.narrow" => x.narrow(options.int("dim"), options.size("start"), options.size("length")),
        "torch.cat" => Var::cat(&all(), options.int("dim")),
        "torch.stack" => Var::stack(&all(), options.int("dim")),
        "torch.cartesian_prod" => cartesian_prod(&all()),
        "torch.flip" => x.flip(&options.ints("dims")),
        "torch.roll" => x.roll(&options.ints("shifts"), &options.ints("dims")),
        "torch.unsqueeze" => x.unsqueeze(options.int("dim")),
        "torch.squeeze" => x.squeeze_dims(&options.ints("dim")),
        "torch.squeeze_all" => x.squeeze_all(),
        "torch.flatten" => x.flatten_dims(options.int("start_dim"), options.int("end_dim")),
        "torch.unflatten" => x.unflatten(options.int("dim"), &options.ints("sizes")),
        "Tensor.expand" => x.expand(&options.ints("size")),
        "F.pad" => x.pad(&options.ints("pad"), pad_mode(case)),
        "Tensor.repeat" => x.repeat(&options.sizes("repeats")),
        "torch.tile" => x.tile(&options.sizes("dims")),
        "torch.repeat_interleave" => match case.inputs.get(1) {
            Some(Input::Integers(repeats)) => {
                let repeats: Vec<usize> = repeats.to_vec().into_iter().map(|n| n as usize).collect();
                x.repeat_interleave_by(&repeats, options.int("dim"))
            }
            _ => x.repeat_interleave(options.size("repeats"), options.has("dim").then(|| options.int("dim"))),
        },
        "torch.diff" => x.diff(options.size("n"), options.int("dim")),
        "torch.tril" => x.tril(options.int("diagonal")),
        "torch.triu" => x.triu(options.int("diagonal")),
        "torch.diagonal" => x.diagonal(options.int("offset"), options.int("dim1"), options.int("dim2")),
        "torch.diag" => x.diag(options.int("diagonal")),
        "torch.diag_embed" => x.diag_embed(options.int("offset"), options.int("dim1"), options.int("dim2")),
        "F.pixel_shuffle" => x.pixel_shuffle(options.size("upscale_factor")),
        "F.pixel_unshuffle" => x.pixel_unshuffle(options.size("downscale_factor")),
        _ => return None,
    })
}

/// Operations with several outputs.
fn parts<T: Float>(case: &Case<'_, T>) -> Option<Vec<Var<T>>> {
    let (x, options) = (case.x(0), case.options);
    Some(match case.op {
        "torch.split" => match options.sizes("split_size_or_sections")[..] {
            [size] => x.split(size, options.int("dim")),
            ref sizes => x.split_sizes(sizes, options.int("dim")),
        },
        "torch.chunk" => x.chunk(options.size("chunks"), options.int("dim")),
        "torch.unbind" => x.unbind(options.int("dim")),
        "torch.meshgrid" => meshgrid(&case.floats().into_iter().cloned().collect::<Vec<_>>()),
        _ => return None,
    })
}

fn pad_mode<T: Float>(case: &Case<'_, T>) -> PadMode<T> {
    match case.options.text("mode") {
        Some("reflect") => PadMode::Reflect,
        Some("replicate") => PadMode::Replicate,
        Some("circular") => PadMode::Circular,
        _ => PadMode::Constant(T::from_f64(case.options.float_or("value", 0.0))),
    }
}
