//! Cross-entropy of rows of logits against class labels, and its gradient.

use crate::element::Float;
use crate::kernels::softmax;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// `-log_softmax(x[r])[targets[r]]` for each row: logits `[N, C]` and labels `[N]` give losses `[N]`.
    ///
    /// # Panics
    /// If the shapes do not fit or a label is outside `0..C`.
    #[track_caller]
    pub fn cross_entropy(&self, targets: &Tensor<i64>) -> Self {
        let (x, targets, width) = check("cross_entropy", self, targets);
        Self::build(targets.shape(), |losses| {
            softmax::cross_entropy(
                losses,
                x.as_slice().expect(CONTIGUOUS),
                targets.as_slice().expect(CONTIGUOUS),
                width,
            );
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
            scales.shape() == targets.shape(),
            "cross_entropy_gradient: {:?} scales for {:?} labels",
            scales.shape(),
            targets.shape()
        );
        let scales = scales.contiguous();
        Self::build(self.shape(), |out| {
            if !out.is_empty() {
                let (targets, scales) = (targets.as_slice().expect(CONTIGUOUS), scales.as_slice().expect(CONTIGUOUS));
                softmax::cross_entropy_gradient(out, x.as_slice().expect(CONTIGUOUS), targets, scales, width);
            }
        })
    }
}

const CONTIGUOUS: &str = "made contiguous above";

#[track_caller]
fn check<T: Float>(operation: &str, x: &Tensor<T>, targets: &Tensor<i64>) -> (Tensor<T>, Tensor<i64>, usize) {
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
    (x.contiguous(), targets.contiguous(), width)
}
