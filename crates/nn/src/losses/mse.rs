//! The squared error.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use super::shared::{reduced, same_shape};

/// `(input - target)^2` of every element ([torch.nn.functional.mse_loss]).
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.mse_loss]: https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
#[track_caller]
pub fn mse_loss<T: Float>(input: &Var<T>, target: &Var<T>, reduction: Reduction) -> Var<T> {
    same_shape("mse_loss", input.shape(), target.shape());
    let difference = input - target;
    reduced(&difference * &difference, reduction)
}

/// [`mse_loss`] as a module ([torch.nn.MSELoss]).
///
/// [torch.nn.MSELoss]: https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct MSELoss {
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl MSELoss {
    /// [`mse_loss`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        mse_loss(input, target, self.reduction)
    }
}
