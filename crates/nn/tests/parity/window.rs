//! Answers to `xtask/parity/families/window`.

mod conv;
mod pad;
mod pool;
mod resize;

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use crate::case::{Answer, Case, Options, Output};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    conv::answer(case).or_else(|| pool::answer(case)).or_else(|| resize::answer(case)).or_else(|| pad::answer(case))
}

/// Maxima and their places.
fn with_indices<T: Float>((values, places): (Var<T>, Tensor<i64>)) -> Answer<T> {
    Some(vec![Output::Float(values), Output::Integers(places)])
}

/// The steps between windows: by default their size.
fn stride<const D: usize>(options: Options<'_>) -> [usize; D] {
    options.array(if options.has("stride") { "stride" } else { "kernel_size" })
}
