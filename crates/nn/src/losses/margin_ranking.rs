//! The loss of an order.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{reduced, same_shape};

/// `max(0, -target (x1 - x2) + margin)` of every element: the target is 1 where the first should be larger, -1 where
/// the second ([torch.nn.functional.margin_ranking_loss]).
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.margin_ranking_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
#[track_caller]
pub fn margin_ranking_loss<T: Float>(
    x1: &Var<T>,
    x2: &Var<T>,
    target: &Tensor<T>,
    margin: f64,
    reduction: Reduction,
) -> Var<T> {
    same_shape("margin_ranking_loss", x1.shape(), x2.shape());
    same_shape("margin_ranking_loss", x1.shape(), target.shape());
    let wrong = (x2 - x1) * Var::new(target.clone()) + T::from_f64(margin);
    reduced(wrong.clamp(Some(T::zero()), None), reduction)
}

/// [`margin_ranking_loss`] as a module ([torch.nn.MarginRankingLoss]); `margin` is 0 by default.
///
/// [torch.nn.MarginRankingLoss]: https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct MarginRankingLoss {
    /// By how much the larger should be larger.
    pub margin: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl MarginRankingLoss {
    /// [`margin_ranking_loss`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, x1: &Var<T>, x2: &Var<T>, target: &Tensor<T>) -> Var<T> {
        margin_ranking_loss(x1, x2, target, self.margin, self.reduction)
    }
}
