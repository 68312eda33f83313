//! The absolute error.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use super::shared::{reduced, same_shape};

/// `|input - target|` of every element ([torch.nn.functional.l1_loss]). The gradient where both are equal is 0.
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.l1_loss]: https://pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
#[track_caller]
pub fn l1_loss<T: Float>(input: &Var<T>, target: &Var<T>, reduction: Reduction) -> Var<T> {
    same_shape("l1_loss", input.shape(), target.shape());
    reduced((input - target).abs(), reduction)
}

/// [`l1_loss`] as a module ([torch.nn.L1Loss]).
///
/// [torch.nn.L1Loss]: https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct L1Loss {
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl L1Loss {
    /// [`l1_loss`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        l1_loss(input, target, self.reduction)
    }
}
