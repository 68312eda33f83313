//! The loss of angles.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{reduced, same_shape};

/// `1 - cos(x1, x2)` where the target is 1, and `max(0, cos(x1, x2) - margin)` where it is -1: inputs `[N, D]` and
/// targets `[N]`, or `[D]` and `[]` ([torch.nn.functional.cosine_embedding_loss]).
///
/// # Panics
/// If the shapes do not fit.
///
/// [torch.nn.functional.cosine_embedding_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
#[track_caller]
pub fn cosine_embedding_loss<T: Float>(
    x1: &Var<T>,
    x2: &Var<T>,
    target: &Tensor<T>,
    margin: f64,
    reduction: Reduction,
) -> Var<T> {
    /// Added to the squared lengths, as in PyTorch.
    const EPSILON: f64 = 1e-12;
    same_shape("cosine_embedding_loss", x1.shape(), x2.shape());
    assert!(
        matches!(x1.shape().len(), 1 | 2) && target.shape() == &x1.shape()[..x1.shape().len() - 1],
        "cosine_embedding_loss: inputs {:?} and target {:?} must be [N, D] and [N], or [D] and []",
        x1.shape(),
        target.shape()
    );
    let product = |a: &Var<T>, b: &Var<T>| (a * b).sum_dims(&[-1], false);
    let squares = |x: &Var<T>| product(x, x) + T::from_f64(EPSILON);
    let cosine = product(x1, x2) / (squares(x1) * squares(x2)).sqrt();
    let like = (-&cosine + T::one()).masked_fill(&target.map(|t| t != T::one()), T::zero());
    let unlike = (cosine - T::from_f64(margin)).clamp(Some(T::zero()), None);
    reduced(like + unlike.masked_fill(&target.map(|t| t != -T::one()), T::zero()), reduction)
}

/// [`cosine_embedding_loss`] as a module ([torch.nn.CosineEmbeddingLoss]); `margin` is 0 by default.
///
/// [torch.nn.CosineEmbeddingLoss]: https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct CosineEmbeddingLoss {
    /// The cosine up to which two different things cost nothing.
    pub margin: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl CosineEmbeddingLoss {
    /// [`cosine_embedding_loss`].
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward<T: Float>(&self, x1: &Var<T>, x2: &Var<T>, target: &Tensor<T>) -> Var<T> {
        cosine_embedding_loss(x1, x2, target, self.margin, self.reduction)
    }
}
