//! The logistic loss of several classes that do not exclude each other.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::bce::weighted;
use super::bce_with_logits::{BCEWithLogitsOptions, binary_cross_entropy_with_logits};
use super::shared::{reduced, same_shape};

/// The mean over the last dimension, the classes, of
/// `-weight (target log(p) + (1 - target) log(1 - p))` with `p = sigmoid(input)`
/// ([torch.nn.functional.multilabel_soft_margin_loss]). `weight` is broadcast; 1 without.
///
/// # Panics
/// If the shapes differ, or are those of a single number.
///
/// [torch.nn.functional.multilabel_soft_margin_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
#[track_caller]
pub fn multilabel_soft_margin_loss<T: Float>(
    input: &Var<T>,
    target: &Var<T>,
    weight: Option<&Tensor<T>>,
    reduction: Reduction,
) -> Var<T> {
    same_shape("multilabel_soft_margin_loss", input.shape(), target.shape());
    assert!(!input.shape().is_empty(), "multilabel_soft_margin_loss: input [] must be [C] or [N, C]");
    let options = BCEWithLogitsOptions { reduction: Reduction::None, ..BCEWithLogitsOptions::default() };
    let losses = weighted(binary_cross_entropy_with_logits(input, target, &options), weight);
    reduced(losses.mean_dims(&[-1], false), reduction)
}

/// [`multilabel_soft_margin_loss`] as a module ([torch.nn.MultiLabelSoftMarginLoss]).
///
/// [torch.nn.MultiLabelSoftMarginLoss]: https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
#[derive(Clone, Debug, Default)]
pub struct MultiLabelSoftMarginLoss<T: Float = f32> {
    /// The weights of classes, broadcast; 1 without.
    pub weight: Option<Tensor<T>>,
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl<T: Float> MultiLabelSoftMarginLoss<T> {
    /// [`multilabel_soft_margin_loss`].
    ///
    /// # Panics
    /// If the shapes differ, or are those of a single number.
    #[track_caller]
    pub fn forward(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        multilabel_soft_margin_loss(input, target, self.weight.as_ref(), self.reduction)
    }
}
