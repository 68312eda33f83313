//! The hinge loss of classes.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{Labels, reduced, rows_for_labels};

/// How [`multi_margin_loss`] weighs classes and puts losses together.
#[derive(Clone, Debug)]
pub struct MultiMarginLossOptions<T: Float = f32> {
    /// The power of each violation.
    pub p: f64,
    /// By how much the label's score should be larger.
    pub margin: f64,
    /// `[C]`: the weight of each class; all 1 without.
    pub weight: Option<Tensor<T>>,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// `p` 1, `margin` 1, no weights, the mean.
impl<T: Float> Default for MultiMarginLossOptions<T> {
    fn default() -> Self {
        Self { p: 1.0, margin: 1.0, weight: None, reduction: Reduction::Mean }
    }
}

/// `weight[y] sum over i other than y of max(0, margin - input[y] + input[i])^p / C` of every row, with its label y:
/// input `[N, C]` and labels `[N]`, or `[C]` and `[]` ([torch.nn.functional.multi_margin_loss]). The mean is over rows.
///
/// # Errors
/// If a label is outside `0..C`.
///
/// # Panics
/// If the shapes do not fit, or `p` is neither 1 nor 2.
///
/// [torch.nn.functional.multi_margin_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
#[track_caller]
pub fn multi_margin_loss<T: Float>(
    input: &Var<T>,
    targets: &Tensor<i64>,
    options: &MultiMarginLossOptions<T>,
) -> Result<Var<T>, LabelError> {
    let MultiMarginLossOptions { p, margin, weight, reduction } = options;
    assert!(input.shape().len() <= 2, "multi_margin_loss: input {:?} must be [N, C] or [C]", input.shape());
    assert!(*p == 1.0 || *p == 2.0, "multi_margin_loss: p {p} is neither 1 nor 2");
    let rows = rows_for_labels("multi_margin_loss", input, targets);
    let classes = rows.shape()[1];
    // A label of -1 is no class, so that none is passed over.
    let labels = Labels::new("multi_margin_loss", targets, classes, weight.as_ref(), -1)?;
    if labels.ignored.is_some() {
        let row = labels.ignored.iter().flat_map(Tensor::to_vec).position(|ignored| ignored).unwrap_or(0);
        return Err(LabelError { row, label: -1, classes });
    }
    let count = labels.labels.numel();
    let own = rows.gather(1, &labels.labels.reshape([count, 1])).expect("labels are below the number of classes");
    let values = labels.labels.to_vec();
    let is_own = Tensor::from_fn([count, classes], |i| values[i / classes] == (i % classes) as i64);
    let mut violations = (rows - own + T::from_f64(*margin)).masked_fill(&is_own, T::zero()).relu();
    if *p == 2.0 {
        violations = &violations * &violations;
    }
    let losses = labels.weighted(violations.sum_dims(&[1], false) / T::from_f64(classes as f64));
    Ok(reduced(losses.reshape(targets.shape()), *reduction))
}

/// [`multi_margin_loss`] as a module ([torch.nn.MultiMarginLoss]).
///
/// [torch.nn.MultiMarginLoss]: https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
#[derive(Clone, Debug, Default)]
pub struct MultiMarginLoss<T: Float = f32> {
    /// Power, margin, weights and reduction.
    pub options: MultiMarginLossOptions<T>,
}

impl<T: Float> MultiMarginLoss<T> {
    /// [`multi_margin_loss`].
    ///
    /// # Errors
    /// If a label is outside `0..C`.
    ///
    /// # Panics
    /// If the shapes do not fit, or `p` is neither 1 nor 2.
    #[track_caller]
    pub fn forward(&self, input: &Var<T>, targets: &Tensor<i64>) -> Result<Var<T>, LabelError> {
        multi_margin_loss(input, targets, &self.options)
    }
}
