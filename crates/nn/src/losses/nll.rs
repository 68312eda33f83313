//! The negative log-likelihood of class labels.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{Labels, rows_for_labels};

/// How [`nll_loss`] weighs classes and puts losses together.
#[derive(Clone, Debug)]
pub struct NLLLossOptions<T: Float = f32> {
    /// `[C]`: the weight of each class; all 1 without.
    pub weight: Option<Tensor<T>>,
    /// The label of rows that are passed over.
    pub ignore_index: i64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// No weights, `ignore_index` -100, the mean.
impl<T: Float> Default for NLLLossOptions<T> {
    fn default() -> Self {
        Self { weight: None, ignore_index: -100, reduction: Reduction::Mean }
    }
}

/// `-weight[targets[r]] log_probabilities[r, targets[r]]` ([torch.nn.functional.nll_loss]): input `[N, C]`, labels
/// `[N]`; or `[C]` and `[]`; or `[N, C, d1, ..]` and `[N, d1, ..]`. The mean divides by the sum of the weights of the
/// labels; where all rows are passed over it is NaN, as in PyTorch.
///
/// # Errors
/// If a label is neither in `0..C` nor `ignore_index`.
///
/// # Panics
/// If the shapes do not fit.
///
/// [torch.nn.functional.nll_loss]: https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
#[track_caller]
pub fn nll_loss<T: Float>(
    log_probabilities: &Var<T>,
    targets: &Tensor<i64>,
    options: &NLLLossOptions<T>,
) -> Result<Var<T>, LabelError> {
    let rows = rows_for_labels("nll_loss", log_probabilities, targets);
    let labels = Labels::new("nll_loss", targets, rows.shape()[1], options.weight.as_ref(), options.ignore_index)?;
    let count = labels.labels.numel();
    let picked = rows.gather(1, &labels.labels.reshape([count, 1])).expect("labels are below the number of classes");
    let losses = labels.weighted(-picked.reshape([count]));
    Ok(labels.reduced(&losses, options.reduction, targets.shape()))
}

/// [`nll_loss`] as a module ([torch.nn.NLLLoss]).
///
/// [torch.nn.NLLLoss]: https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
#[derive(Clone, Debug, Default)]
pub struct NLLLoss<T: Float = f32> {
    /// Weights, passing over and reduction.
    pub options: NLLLossOptions<T>,
}

impl<T: Float> NLLLoss<T> {
    /// [`nll_loss`].
    ///
    /// # Errors
    /// If a label is neither in `0..C` nor `ignore_index`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, log_probabilities: &Var<T>, targets: &Tensor<i64>) -> Result<Var<T>, LabelError> {
        nll_loss(log_probabilities, targets, &self.options)
    }
}
