//! Answers to `xtask/parity/families/loss.py`.

use gradus_autograd::Reduction;
use gradus_nn::{cross_entropy_with, mse_loss_with};
use gradus_tensor::Float;

use crate::case::{Answer, Case, Options, float};

pub(crate) fn reduction(options: Options<'_>) -> Reduction {
    match options.text("reduction") {
        None | Some("mean") => Reduction::Mean,
        Some("sum") => Reduction::Sum,
        Some("none") => Reduction::None,
        Some(other) => panic!("reduction {other}"),
    }
}

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let reduction = reduction(case.options);
    float(match case.op {
        "F.cross_entropy" => cross_entropy_with(case.x(0), case.integers(1), reduction).expect("labels are in range"),
        "F.mse_loss" => mse_loss_with(case.x(0), case.x(1), reduction),
        _ => return None,
    })
}
