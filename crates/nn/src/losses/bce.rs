//! Binary cross-entropy of probabilities.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{reduced, same_shape};

/// `-weight (target log(input) + (1 - target) log(1 - input))` of every element
/// ([torch.nn.functional.binary_cross_entropy]). The logarithms are at least -100, and the gradient's divisor
/// `input (1 - input)` at least 1e-12, so that 0 and 1 give finite numbers. `weight` is broadcast; 1 without.
///
/// From logits [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits) is more exact.
///
/// # Panics
/// If the shapes differ, or an input is not between 0 and 1.
///
/// [torch.nn.functional.binary_cross_entropy]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
#[track_caller]
pub fn binary_cross_entropy<T: Float>(
    input: &Var<T>,
    target: &Var<T>,
    weight: Option<&Tensor<T>>,
    reduction: Reduction,
) -> Var<T> {
    same_shape("binary_cross_entropy", input.shape(), target.shape());
    reduced(weighted(input.binary_cross_entropy(target), weight), reduction)
}

/// The losses times their weights.
#[track_caller]
pub(super) fn weighted<T: Float>(losses: Var<T>, weight: Option<&Tensor<T>>) -> Var<T> {
    match weight {
        Some(weight) => {
            let weight = Var::new(weight.broadcast_to(losses.shape()));
            losses * weight
        }
        None => losses,
    }
}

/// [`binary_cross_entropy`] as a module ([torch.nn.BCELoss]).
///
/// [torch.nn.BCELoss]: https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
#[derive(Clone, Debug, Default)]
pub struct BCELoss<T: Float = f32> {
    /// The weights, broadcast; 1 without.
    pub weight: Option<Tensor<T>>,
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl<T: Float> BCELoss<T> {
    /// [`binary_cross_entropy`].
    ///
    /// # Panics
    /// If the shapes differ, or an input is not between 0 and 1.
    #[track_caller]
    pub fn forward(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        binary_cross_entropy(input, target, self.weight.as_ref(), self.reduction)
    }
}
