//! Huber's loss.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use super::shared::{reduced, same_shape};

/// With `d = input - target`: `d^2 / 2` where `|d| <= delta`, else `delta (|d| - delta / 2)`
/// ([torch.nn.functional.huber_loss]).
///
/// # Panics
/// If the shapes differ or `delta` is not above 0.
///
/// [torch.nn.functional.huber_loss]: https://pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
#[track_caller]
pub fn huber_loss<T: Float>(input: &Var<T>, target: &Var<T>, delta: f64, reduction: Reduction) -> Var<T> {
    same_shape("huber_loss", input.shape(), target.shape());
    assert!(delta > 0.0, "huber_loss: delta {delta} is not above 0");
    reduced(squared_near_zero(&(input - target), T::from_f64(delta)), reduction)
}

/// `d^2 / 2` within `+-delta`, and outside the straight lines that go on from there: with c the nearest number to d
/// within, `c (d - c / 2)`.
pub(super) fn squared_near_zero<T: Float>(d: &Var<T>, delta: T) -> Var<T> {
    let near = d.clamp(Some(-delta), Some(delta));
    &near * &(d - &(&near * T::from_f64(0.5)))
}

/// [`huber_loss`] as a module ([torch.nn.HuberLoss]).
///
/// [torch.nn.HuberLoss]: https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
#[derive(Clone, Copy, Debug)]
pub struct HuberLoss {
    /// Where the loss becomes linear.
    pub delta: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// `delta` 1, the mean.
impl Default for HuberLoss {
    fn default() -> Self {
        Self { delta: 1.0, reduction: Reduction::Mean }
    }
}

impl HuberLoss {
    /// [`huber_loss`].
    ///
    /// # Panics
    /// If the shapes differ or `delta` is not above 0.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        huber_loss(input, target, self.delta, self.reduction)
    }
}
