//! Cross-entropy of rows of logits against class labels, and its gradient.

use crate::element::Float;
use crate::kernels::softmax;
use crate::tensor::{RowMajor, Tensor};

impl<T: Float> Tensor<T> {
    /// `-log_softmax(x[r])[targets[r]]` for each row: logits `[N, C]` and labels `[N]` give losses `[N]`.
    ///
    /// # Panics
    /// If the shapes do not fit or a label is outside `0..C`.
    #[track_caller]
    pub fn cross_entropy(&self, targets: &Tensor<i64>) -> Self {
        let (x, targets, width) = check("cross_entropy", self, targets);
        Self::build(&self.shape()[..1], |losses| {
            softmax::cross_entropy(losses, &x, &targets, width);
        })
    }

    /// `(softmax(x[r]) - one_hot(targets[r])) * scales[r]` for each row: what row losses weighted by `scales` `[N]`
    /// give as gradient of the logits `[N, C]`.
    ///
    /// # Panics
    /// If the shapes do not fit or a label is outside `0..C`.
    #[track_caller]
    pub fn cross_entropy_gradient(&self, targets: &Tensor<i64>, scales: &Self) -> Self {
        let (x, targets, width) = check("cross_entropy_gradient", self, targets);
        assert!(
            scales.shape() == &self.shape()[..1],
            "cross_entropy_gradient: {:?} scales for logits {:?}",
            scales.shape(),
            self.shape()
        );
        let scales = scales.row_major();
        Self::build(self.shape(), |out| {
            softmax::cross_entropy_gradient(out, &x, &targets, &scales, width);
        })
    }
}

#[track_caller]
fn check<T: Float>(operation: &str, x: &Tensor<T>, targets: &Tensor<i64>) -> (RowMajor<T>, RowMajor<i64>, usize) {
    assert!(
        x.rank() == 2 && targets.shape() == &x.shape()[..1],
        "{operation}: logits {:?} and labels {:?} must be [N, C] and [N]",
        x.shape(),
        targets.shape()
    );
    let width = x.shape()[1];
    if let Some(label) = targets.view().iter().find(|&&t| t < 0 || t >= width as i64) {
        panic!("{operation}: label {label} is outside the {width} classes");
    }
    (x.row_major(), targets.row_major(), width)
}
