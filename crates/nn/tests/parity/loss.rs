//! Answers to `xtask/parity/families/loss.py`.

use gradus_autograd::{Reduction, Var};
use gradus_nn::{
    CrossEntropyOptions, NLLLossOptions, cross_entropy_probabilities, cross_entropy_with, mse_loss, nll_loss,
};
use gradus_tensor::{Float, Tensor};

use crate::case::{Answer, Case, Options, float};

pub(crate) fn reduction(options: Options<'_>) -> Reduction {
    match options.text("reduction") {
        None | Some("mean") => Reduction::Mean,
        Some("sum") => Reduction::Sum,
        Some("none") => Reduction::None,
        Some(other) => panic!("reduction {other}"),
    }
}

/// The weights that `loss.py` makes where the case asks for them.
fn class_weights<T: Float>(case: &Case<'_, T>) -> Option<Tensor<T>> {
    let shape = case.x(0).shape();
    let classes = shape[usize::from(shape.len() > 1)];
    case.options.flag("weighted").then(|| Tensor::from_fn([classes], |c| T::from_f64((c % 5 + 1) as f64 / 4.0)))
}

fn ignore_index(options: Options<'_>) -> i64 {
    if options.has("ignore_index") { options.int("ignore_index") as i64 } else { -100 }
}

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options, reduction) = (case.x(0), case.options, reduction(case.options));
    let of_classes = || CrossEntropyOptions {
        weight: class_weights(case),
        ignore_index: ignore_index(options),
        label_smoothing: options.float_or("label_smoothing", 0.0),
        reduction,
    };
    float(match case.op {
        "F.cross_entropy" => cross_entropy_with(x, case.integers(1), &of_classes()).expect("labels are in range"),
        "gradus.cross_entropy_probabilities" => {
            let dim = isize::from(x.shape().len() > 1);
            let target: Var<T> = if options.flag("direct") { case.x(1).clone() } else { case.x(1).softmax(dim) };
            cross_entropy_probabilities(x, &target, &of_classes())
        }
        "F.nll_loss" => {
            let settings =
                NLLLossOptions { weight: class_weights(case), ignore_index: ignore_index(options), reduction };
            nll_loss(x, case.integers(1), &settings).expect("labels are in range")
        }
        "F.mse_loss" => mse_loss(x, case.x(1), reduction),
        _ => return None,
    })
}
