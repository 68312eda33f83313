//! The squared error.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

/// The mean over elements of `(input - target)^2` ([torch.nn.functional.mse_loss]).
///
/// Both have one shape: PyTorch broadcasts with a warning, which turns a `[N]` against `[N, 1]` into `[N, N]`.
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.mse_loss]: https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
#[track_caller]
pub fn mse_loss<T: Float>(input: &Var<T>, target: &Var<T>) -> Var<T> {
    mse_loss_with(input, target, Reduction::Mean)
}

/// [`mse_loss`] with another reduction.
///
/// # Panics
/// If the shapes differ.
#[track_caller]
pub fn mse_loss_with<T: Float>(input: &Var<T>, target: &Var<T>, reduction: Reduction) -> Var<T> {
    assert!(
        input.shape() == target.shape(),
        "mse_loss: input {:?} and target {:?} must have one shape",
        input.shape(),
        target.shape()
    );
    let difference = input - target;
    let squares = &difference * &difference;
    match reduction {
        Reduction::Mean => squares.mean(),
        Reduction::Sum => squares.sum(),
        Reduction::None => squares,
    }
}
