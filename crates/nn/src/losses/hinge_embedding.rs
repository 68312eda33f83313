//! The hinge loss of distances.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{reduced, same_shape};

/// The input where the target is 1, and `max(0, margin - input)` where it is -1
/// ([torch.nn.functional.hinge_embedding_loss]).
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.hinge_embedding_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
#[track_caller]
pub fn hinge_embedding_loss<T: Float>(input: &Var<T>, target: &Tensor<T>, margin: f64, reduction: Reduction) -> Var<T> {
    same_shape("hinge_embedding_loss", input.shape(), target.shape());
    let hinge = (-input + T::from_f64(margin)).clamp(Some(T::zero()), None);
    // As in PyTorch a target that is neither counts as both.
    let hinge = hinge.masked_fill(&target.map(|t| t == T::one()), T::zero());
    let direct = input.masked_fill(&target.map(|t| t == -T::one()), T::zero());
    reduced(hinge + direct, reduction)
}

/// [`hinge_embedding_loss`] as a module ([torch.nn.HingeEmbeddingLoss]).
///
/// [torch.nn.HingeEmbeddingLoss]: https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
#[derive(Clone, Copy, Debug)]
pub struct HingeEmbeddingLoss {
    /// The distance from which on two different things cost nothing.
    pub margin: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// `margin` 1, the mean.
impl Default for HingeEmbeddingLoss {
    fn default() -> Self {
        Self { margin: 1.0, reduction: Reduction::Mean }
    }
}

impl HingeEmbeddingLoss {
    /// [`hinge_embedding_loss`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Tensor<T>) -> Var<T> {
        hinge_embedding_loss(input, target, self.margin, self.reduction)
    }
}
