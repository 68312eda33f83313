//! What losses share: reductions, checks of shapes, and class labels.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{Float, Tensor};

/// The losses put together.
pub(crate) fn reduced<T: Float>(losses: Var<T>, reduction: Reduction) -> Var<T> {
    match reduction {
        Reduction::Mean => losses.mean(),
        Reduction::Sum => losses.sum(),
        Reduction::None => losses,
    }
}

/// Panics unless both shapes are equal: PyTorch broadcasts with a warning, which turns a `[N]` against `[N, 1]` into
/// `[N, N]`.
#[track_caller]
pub(crate) fn same_shape(operation: &str, input: &[usize], target: &[usize]) {
    assert!(input == target, "{operation}: input {input:?} and target {target:?} must have one shape");
}

/// `logs` with 0 in place of minus infinity where the weight beside it is exactly 0: such a logarithm of a probability
/// adds nothing, but 0 times infinity is NaN.
pub(crate) fn finite_where_used<T: Float>(logs: &Var<T>, weights: &Var<T>) -> Var<T> {
    let nothing = |log: T, weight: T| weight == T::zero() && log == T::neg_infinity();
    let nothing = logs.value().zip_map(weights.value(), "finite_where_used", nothing);
    if nothing.count() == 0 { logs.clone() } else { logs.masked_fill(&nothing, T::zero()) }
}

/// Class labels as rows: what cross-entropy and the negative log-likelihood make of their targets.
pub(crate) struct Labels<T: Float> {
    /// `[R]`, with 0 in place of labels that are passed over.
    pub(crate) labels: Tensor<i64>,
    /// `[R]`: whether the row is passed over. `None` where no row is.
    pub(crate) ignored: Option<Tensor<bool>>,
    /// `[R]`: the weight of the row's class, 0 where it is passed over. `None` where there are no weights.
    weights: Option<Tensor<T>>,
}

impl<T: Float> Labels<T> {
    /// The labels `targets` of `classes` classes.
    ///
    /// # Errors
    /// If a label is neither in `0..classes` nor `ignore_index`.
    ///
    /// # Panics
    /// If the weights are not `[classes]`.
    #[track_caller]
    pub(crate) fn new(
        operation: &str,
        targets: &Tensor<i64>,
        classes: usize,
        weight: Option<&Tensor<T>>,
        ignore_index: i64,
    ) -> Result<Self, LabelError> {
        check_weight(operation, weight, classes);
        let targets = targets.reshape([targets.numel()]);
        let values = targets.to_vec();
        let outside =
            |&label: &i64| label != ignore_index && usize::try_from(label).map_or(true, |label| label >= classes);
        if let Some(row) = values.iter().position(outside) {
            return Err(LabelError { row, label: values[row], classes });
        }
        let passed_over = values.contains(&ignore_index);
        let labels =
            if passed_over { targets.map(|label| if label == ignore_index { 0 } else { label }) } else { targets };
        let ignored = passed_over
            .then(|| Tensor::from_vec(values.iter().map(|&label| label == ignore_index).collect(), [values.len()]));
        let weights = weight.map(|weight| {
            let weight = weight.to_vec();
            let of = |&label: &i64| if label == ignore_index { T::zero() } else { weight[label as usize] };
            Tensor::from_vec(values.iter().map(of).collect(), [values.len()])
        });
        Ok(Self { labels, ignored, weights })
    }

    /// The losses of the rows, weighted, with 0 where a row is passed over.
    pub(crate) fn weighted(&self, mut losses: Var<T>) -> Var<T> {
        if let Some(weights) = &self.weights {
            losses = losses * Var::new(weights.clone());
        }
        self.kept(losses)
    }

    /// The losses of the rows with 0 where a row is passed over.
    pub(crate) fn kept(&self, losses: Var<T>) -> Var<T> {
        match &self.ignored {
            Some(ignored) => losses.masked_fill(ignored, T::zero()),
            None => losses,
        }
    }

    /// What the mean divides by: the weights of the rows that count, and without weights their number.
    fn total(&self) -> T {
        match (&self.weights, &self.ignored) {
            (Some(weights), _) => weights.sum().item(),
            (None, Some(ignored)) => T::from_f64((ignored.numel() - ignored.count()) as f64),
            (None, None) => T::from_f64(self.labels.numel() as f64),
        }
    }

    /// The losses put together; `shape` is that of the targets.
    pub(crate) fn reduced(&self, losses: &Var<T>, reduction: Reduction, shape: &[usize]) -> Var<T> {
        match reduction {
            Reduction::Mean => losses.sum() / self.total(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses.reshape(shape),
        }
    }
}

/// Panics unless there are no weights, or one for each class.
#[track_caller]
pub(crate) fn check_weight<T: Float>(operation: &str, weight: Option<&Tensor<T>>, classes: usize) {
    if let Some(weight) = weight {
        assert!(
            weight.shape() == [classes],
            "{operation}: weights of shape {:?} for {classes} classes",
            weight.shape()
        );
    }
}

/// Scores `[C]`, `[N, C]` or `[N, C, d1, ..]` as rows `[R, C]`, and the shape that their labels have.
#[track_caller]
pub(crate) fn rows_of_classes<T: Float>(operation: &str, x: &Var<T>) -> (Var<T>, Vec<usize>) {
    match *x.shape() {
        [] => panic!("{operation}: input [] must be [C], [N, C] or [N, C, d1, ..]"),
        [classes] => (x.reshape([1, classes]), Vec::new()),
        [rows, _] => (x.clone(), vec![rows]),
        [rows, classes, ref rest @ ..] => {
            let order: Vec<usize> = [0].into_iter().chain(2..x.shape().len()).chain([1]).collect();
            let labels: Vec<usize> = [rows].into_iter().chain(rest.iter().copied()).collect();
            (x.permute(&order).reshape([labels.iter().product(), classes]), labels)
        }
    }
}

/// [`rows_of_classes`] for targets of this shape.
#[track_caller]
pub(crate) fn rows_for_labels<T: Float>(operation: &str, x: &Var<T>, targets: &Tensor<i64>) -> Var<T> {
    let (rows, labels) = rows_of_classes(operation, x);
    assert!(
        targets.shape() == labels,
        "{operation}: input {:?} and labels {:?} must be [N, C, ..] and [N, ..]",
        x.shape(),
        targets.shape()
    );
    rows
}
