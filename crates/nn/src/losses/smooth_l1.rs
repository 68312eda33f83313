//! The absolute error, smooth around 0.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use super::huber::squared_near_zero;
use super::l1::l1_loss;
use super::shared::{reduced, same_shape};

/// With `d = input - target`: `d^2 / (2 beta)` where `|d| < beta`, else `|d| - beta / 2`
/// ([torch.nn.functional.smooth_l1_loss]; Girshick, arXiv:1504.08083). With `beta` 0 it is [`l1_loss`].
///
/// # Panics
/// If the shapes differ or `beta` is below 0.
///
/// [torch.nn.functional.smooth_l1_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
#[track_caller]
pub fn smooth_l1_loss<T: Float>(input: &Var<T>, target: &Var<T>, beta: f64, reduction: Reduction) -> Var<T> {
    same_shape("smooth_l1_loss", input.shape(), target.shape());
    assert!(beta >= 0.0, "smooth_l1_loss: beta {beta} is below 0");
    if beta == 0.0 {
        return l1_loss(input, target, reduction);
    }
    let beta = T::from_f64(beta);
    reduced(squared_near_zero(&(input - target), beta) / beta, reduction)
}

/// [`smooth_l1_loss`] as a module ([torch.nn.SmoothL1Loss]).
///
/// [torch.nn.SmoothL1Loss]: https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
#[derive(Clone, Copy, Debug)]
pub struct SmoothL1Loss {
    /// Where the loss becomes linear.
    pub beta: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// `beta` 1, the mean.
impl Default for SmoothL1Loss {
    fn default() -> Self {
        Self { beta: 1.0, reduction: Reduction::Mean }
    }
}

impl SmoothL1Loss {
    /// [`smooth_l1_loss`].
    ///
    /// # Panics
    /// If the shapes differ or `beta` is below 0.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        smooth_l1_loss(input, target, self.beta, self.reduction)
    }
}
