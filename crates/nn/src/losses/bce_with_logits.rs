//! Binary cross-entropy of logits.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::bce::weighted;
use super::shared::{reduced, same_shape};

/// How [`binary_cross_entropy_with_logits`] weighs elements and puts losses together; by default not, and the mean.
#[derive(Clone, Debug, Default)]
pub struct BCEWithLogitsOptions<T: Float = f32> {
    /// The weights of elements, broadcast; 1 without.
    pub weight: Option<Tensor<T>>,
    /// The weights of what the target says is there, broadcast; 1 without.
    pub pos_weight: Option<Tensor<T>>,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// `-weight (pos_weight target log(p) + (1 - target) log(1 - p))` with `p = sigmoid(input)`, of every element, without
/// overflow or cancellation ([torch.nn.functional.binary_cross_entropy_with_logits]).
///
/// # Panics
/// If the shapes differ, or weights do not broadcast to them.
///
/// [torch.nn.functional.binary_cross_entropy_with_logits]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
#[track_caller]
pub fn binary_cross_entropy_with_logits<T: Float>(
    input: &Var<T>,
    target: &Var<T>,
    options: &BCEWithLogitsOptions<T>,
) -> Var<T> {
    same_shape("binary_cross_entropy_with_logits", input.shape(), target.shape());
    let there = weighted(target * &input.log_sigmoid(), options.pos_weight.as_ref());
    let absent = (-target + T::one()) * (-input).log_sigmoid();
    reduced(weighted(-(there + absent), options.weight.as_ref()), options.reduction)
}

/// [`binary_cross_entropy_with_logits`] as a module ([torch.nn.BCEWithLogitsLoss]).
///
/// [torch.nn.BCEWithLogitsLoss]: https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
#[derive(Clone, Debug, Default)]
pub struct BCEWithLogitsLoss<T: Float = f32> {
    /// Weights and reduction.
    pub options: BCEWithLogitsOptions<T>,
}

impl<T: Float> BCEWithLogitsLoss<T> {
    /// [`binary_cross_entropy_with_logits`].
    ///
    /// # Panics
    /// If the shapes differ, or weights do not broadcast to them.
    #[track_caller]
    pub fn forward(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        binary_cross_entropy_with_logits(input, target, &self.options)
    }
}
