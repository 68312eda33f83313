//! Cross-entropy between logits and class labels, or probabilities.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{Labels, check_weight, finite_where_used, rows_for_labels, rows_of_classes, same_shape};

/// How [`cross_entropy_with`] weighs classes and puts losses together.
#[derive(Clone, Debug)]
pub struct CrossEntropyOptions<T: Float = f32> {
    /// `[C]`: the weight of each class; all 1 without.
    pub weight: Option<Tensor<T>>,
    /// The label of rows that are passed over. Only for class labels.
    pub ignore_index: i64,
    /// The share, from 0 to 1, that every label gives away to all classes evenly.
    pub label_smoothing: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// No weights, `ignore_index` -100, no smoothing, the mean.
impl<T: Float> Default for CrossEntropyOptions<T> {
    fn default() -> Self {
        Self { weight: None, ignore_index: -100, label_smoothing: 0.0, reduction: Reduction::Mean }
    }
}

/// The mean over rows of `-log softmax(logits[r])[targets[r]]` ([torch.nn.functional.cross_entropy]): logits `[N, C]`,
/// labels `[N]`; or logits `[C]`, labels `[]`; or logits `[N, C, d1, ..]`, labels `[N, d1, ..]`. Rows with the label
/// -100 are passed over; the mean of no rows is NaN.
///
/// # Errors
/// If a label is outside `0..C` and not -100.
///
/// # Panics
/// If the shapes do not fit.
///
/// [torch.nn.functional.cross_entropy]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
#[track_caller]
pub fn cross_entropy<T: Float>(logits: &Var<T>, targets: &Tensor<i64>) -> Result<Var<T>, LabelError> {
    cross_entropy_with(logits, targets, &CrossEntropyOptions::default())
}

/// [`cross_entropy`] with options. The mean divides by the sum of the weights of the labels; where all rows are passed
/// over it is NaN, as in PyTorch.
///
/// # Errors
/// If a label is neither in `0..C` nor `ignore_index`.
///
/// # Panics
/// If the shapes do not fit, or the smoothing is not between 0 and 1.
#[track_caller]
pub fn cross_entropy_with<T: Float>(
    logits: &Var<T>,
    targets: &Tensor<i64>,
    options: &CrossEntropyOptions<T>,
) -> Result<Var<T>, LabelError> {
    let smoothing = checked_smoothing(options);
    let rows = rows_for_labels("cross_entropy", logits, targets);
    let classes = rows.shape()[1];
    let labels = Labels::new("cross_entropy", targets, classes, options.weight.as_ref(), options.ignore_index)?;
    if options.weight.is_none() && labels.ignored.is_none() && smoothing == 0.0 {
        let loss = rows.cross_entropy(&labels.labels, options.reduction)?;
        return Ok(if options.reduction == Reduction::None { loss.reshape(targets.shape()) } else { loss });
    }
    let mut losses = labels.weighted(rows.cross_entropy(&labels.labels, Reduction::None)?);
    if smoothing > 0.0 {
        let mut all = -rows.log_softmax(1);
        if let Some(weight) = &options.weight {
            all = all * Var::new(weight.clone());
        }
        let share = T::from_f64(smoothing / classes as f64);
        losses = losses * T::from_f64(1.0 - smoothing) + labels.kept(all.sum_dims(&[1], false)) * share;
    }
    Ok(labels.reduced(&losses, options.reduction, targets.shape()))
}

/// The mean over rows of `-sum_c targets[r, c] log softmax(logits[r])[c]`: cross-entropy with probabilities as targets,
/// of the shape of the logits, which is as for [`cross_entropy`]. The mean divides by the number of rows; a probability
/// of exactly 0 adds 0, whatever the logit (PyTorch has NaN where that is minus infinity).
///
/// # Panics
/// If the shapes do not fit, or the smoothing is not between 0 and 1.
#[track_caller]
pub fn cross_entropy_probabilities<T: Float>(
    logits: &Var<T>,
    targets: &Var<T>,
    options: &CrossEntropyOptions<T>,
) -> Var<T> {
    let smoothing = checked_smoothing(options);
    same_shape("cross_entropy", logits.shape(), targets.shape());
    let ((rows, shape), (mut targets, _)) =
        (rows_of_classes("cross_entropy", logits), rows_of_classes("cross_entropy", targets));
    let classes = rows.shape()[1];
    check_weight("cross_entropy", options.weight.as_ref(), classes);
    if smoothing > 0.0 {
        targets = targets * T::from_f64(1.0 - smoothing) + T::from_f64(smoothing / classes as f64);
    }
    let mut logs = finite_where_used(&rows.log_softmax(1), &targets);
    if let Some(weight) = &options.weight {
        logs = logs * Var::new(weight.clone());
    }
    let losses = -(logs * targets).sum_dims(&[1], false);
    match options.reduction {
        Reduction::Mean => losses.mean(),
        Reduction::Sum => losses.sum(),
        Reduction::None => losses.reshape(shape),
    }
}

#[track_caller]
fn checked_smoothing<T: Float>(options: &CrossEntropyOptions<T>) -> f64 {
    let smoothing = options.label_smoothing;
    assert!((0.0..=1.0).contains(&smoothing), "cross_entropy: label_smoothing {smoothing} is not between 0 and 1");
    smoothing
}

/// [`cross_entropy`] with options as a module ([torch.nn.CrossEntropyLoss]).
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{CrossEntropyLoss, CrossEntropyOptions};
/// use gradus_tensor::Tensor;
///
/// let options = CrossEntropyOptions { label_smoothing: 0.1, ..CrossEntropyOptions::default() };
/// let criterion = CrossEntropyLoss { options };
/// let logits: Var = Var::new(Tensor::zeros([2, 4]));
/// let loss = criterion.forward(&logits, &Tensor::from_vec(vec![1, -100], [2]))?;
/// assert!((loss.item() - 4f32.ln()).abs() < 1e-6);
/// # Ok::<(), gradus_autograd::LabelError>(())
/// ```
///
/// [torch.nn.CrossEntropyLoss]: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
#[derive(Clone, Debug, Default)]
pub struct CrossEntropyLoss<T: Float = f32> {
    /// Weights, passing over, smoothing and reduction.
    pub options: CrossEntropyOptions<T>,
}

impl<T: Float> CrossEntropyLoss<T> {
    /// [`cross_entropy_with`].
    ///
    /// # Errors
    /// If a label is neither in `0..C` nor `ignore_index`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, logits: &Var<T>, targets: &Tensor<i64>) -> Result<Var<T>, LabelError> {
        cross_entropy_with(logits, targets, &self.options)
    }

    /// [`cross_entropy_probabilities`].
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_probabilities(&self, logits: &Var<T>, targets: &Var<T>) -> Var<T> {
        cross_entropy_probabilities(logits, targets, &self.options)
    }
}
