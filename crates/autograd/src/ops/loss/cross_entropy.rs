//! Cross-entropy of logits against class labels.

use gradus_tensor::{Float, RowStatistics, Tensor};
use smallvec::smallvec;
use thiserror::Error;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::ops::loss::reduction::Reduction;
use crate::var::Var;

/// A label that names no class.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "label {label} in row {row} of the batch is outside the {classes} classes that the logits have{}",
    span(*classes)
)]
pub struct LabelError {
    /// The row of the batch.
    pub row: usize,
    /// The label found there.
    pub label: i64,
    /// The number of classes.
    pub classes: usize,
}

/// The labels there are, in words.
fn span(classes: usize) -> String {
    if classes == 0 { String::new() } else { format!(" (0 to {})", classes - 1) }
}

impl<T: Float> Var<T> {
    /// `-log_softmax(x[r])[targets[r]]` of every row, put together by `reduction` (PyTorch's
    /// `functional.cross_entropy` with class labels): logits `[N, C]`, `targets` `[N]`. The mean of no rows is NaN.
    /// No label is passed over here, not even PyTorch's -100: `gradus_nn::cross_entropy` does that.
    ///
    /// # Errors
    /// If a label is outside `0..C`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn cross_entropy(&self, targets: &Tensor<i64>, reduction: Reduction) -> Result<Self, LabelError> {
        let &[rows, classes] = self.shape() else {
            panic!("cross_entropy: logits {:?} must be [N, C]", self.shape());
        };
        assert!(
            targets.shape() == [rows],
            "cross_entropy: logits {:?} and labels {:?} must be [N, C] and [N]",
            self.shape(),
            targets.shape()
        );
        let outside = |&(_, &label): &(usize, &i64)| usize::try_from(label).map_or(true, |label| label >= classes);
        if let Some((row, &label)) = targets.view().iter().enumerate().find(outside) {
            return Err(LabelError { row, label, classes });
        }
        let (losses, statistics) = self.value().cross_entropy(targets);
        let loss = match reduction {
            Reduction::Mean => losses.mean(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        };
        let rule = || CrossEntropy { x: self.clone(), targets: targets.clone(), statistics, reduction };
        Ok(Self::recorded(loss, &[self], rule))
    }
}

/// `dx[r] = s[r] (softmax(x[r]) - one_hot(targets[r]))`, where `s` is what the reduction makes of the gradient: `g / N`
/// of a mean.
struct CrossEntropy<T: Float> {
    x: Var<T>,
    targets: Tensor<i64>,
    statistics: RowStatistics<T>,
    reduction: Reduction,
}

impl<T: Float> Rule<T> for CrossEntropy<T> {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let [rows, classes] = [self.x.shape()[0], self.x.shape()[1]];
        let g = context.gradient();
        let scales = match self.reduction {
            Reduction::Mean => (g / T::from_f64(rows as f64)).broadcast_to([rows]),
            Reduction::Sum => g.broadcast_to([rows]),
            Reduction::None => g.clone(),
        };
        if !is_grad_enabled() {
            let dx = self.x.value().cross_entropy_gradient(&self.targets, &self.statistics, scales.value());
            return smallvec![Some(Var::new(dx))];
        }
        // Recorded: the same from operations that have gradients of their own.
        let labels = self.targets.to_vec();
        let one_hot = Tensor::from_fn(self.x.shape(), |i| {
            if labels[i / classes] == (i % classes) as i64 { T::one() } else { T::zero() }
        });
        smallvec![Some((self.x.softmax(1) - Var::new(one_hot)) * scales.reshape([rows, 1]))]
    }
}
