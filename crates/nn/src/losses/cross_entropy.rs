//! Cross-entropy between logits and class labels.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{Float, Tensor};

/// The mean over rows of `-log softmax(logits[r])[targets[r]]` ([torch.nn.functional.cross_entropy]): logits `[N, C]`,
/// labels `[N]`.
///
/// # Errors
/// If a label is outside `0..C`.
///
/// # Panics
/// If the shapes do not fit.
///
/// [torch.nn.functional.cross_entropy]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
#[track_caller]
pub fn cross_entropy<T: Float>(logits: &Var<T>, targets: &Tensor<i64>) -> Result<Var<T>, LabelError> {
    cross_entropy_with(logits, targets, Reduction::Mean)
}

/// [`cross_entropy`] with another reduction.
///
/// # Errors
/// If a label is outside `0..C`.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn cross_entropy_with<T: Float>(
    logits: &Var<T>,
    targets: &Tensor<i64>,
    reduction: Reduction,
) -> Result<Var<T>, LabelError> {
    logits.cross_entropy(targets, reduction)
}
