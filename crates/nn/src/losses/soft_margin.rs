//! The logistic loss.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{reduced, same_shape};

/// `log(1 + e^(-target input))` of every element, with targets 1 and -1 ([torch.nn.functional.soft_margin_loss]),
/// without overflow.
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.soft_margin_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
#[track_caller]
pub fn soft_margin_loss<T: Float>(input: &Var<T>, target: &Tensor<T>, reduction: Reduction) -> Var<T> {
    same_shape("soft_margin_loss", input.shape(), target.shape());
    reduced(-(input * &Var::new(target.clone())).log_sigmoid(), reduction)
}

/// [`soft_margin_loss`] as a module ([torch.nn.SoftMarginLoss]).
///
/// [torch.nn.SoftMarginLoss]: https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftMarginLoss {
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl SoftMarginLoss {
    /// [`soft_margin_loss`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Tensor<T>) -> Var<T> {
        soft_margin_loss(input, target, self.reduction)
    }
}
