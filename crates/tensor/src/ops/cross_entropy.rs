//! Cross-entropy of rows of logits against class labels, and its gradient.

use crate::element::Float;
use crate::kernels::cross_entropy;
use crate::tensor::{RowMajor, Tensor};

/// What [`Tensor::cross_entropy_gradient`] needs to know of each row: its largest logit and the sum of the exponentials
/// under that. Two numbers a row.
#[derive(Clone, Debug)]
pub struct RowStatistics<T: Float>(Tensor<T>);

impl<T: Float> Tensor<T> {
    /// `-log_softmax(x[r])[targets[r]]` for each row: logits `[N, C]` and labels `[N]` give losses `[N]`, and what the
    /// gradient needs.
    ///
    /// # Panics
    /// If the shapes do not fit or a label is outside `0..C`.
    #[track_caller]
    pub fn cross_entropy(&self, targets: &Tensor<i64>) -> (Self, RowStatistics<T>) {
        let (x, targets, width) = check("cross_entropy", self, targets);
        let rows = self.shape()[0];
        let (losses, statistics) = Self::build2(&[rows], &[rows, 2], |losses, statistics| {
            cross_entropy::forward(losses, statistics, &x, &targets, width);
        });
        (losses, RowStatistics(statistics))
    }

    /// `(softmax(x[r]) - one_hot(targets[r])) * scales[r]` for each row: what row losses weighted by `scales` `[N]`
    /// give as gradient of the logits `[N, C]`, from the statistics that [`cross_entropy`](Self::cross_entropy) gave of
    /// the same logits. The logits are read once.
    ///
    /// # Panics
    /// If the shapes do not fit or a label is outside `0..C`.
    #[track_caller]
    pub fn cross_entropy_gradient(
        &self,
        targets: &Tensor<i64>,
        RowStatistics(statistics): &RowStatistics<T>,
        scales: &Self,
    ) -> Self {
        let (x, targets, width) = check("cross_entropy_gradient", self, targets);
        let rows = &self.shape()[..1];
        assert!(
            scales.shape() == rows && &statistics.shape()[..1] == rows,
            "cross_entropy_gradient: {:?} scales and statistics of {} rows for logits {:?}",
            scales.shape(),
            statistics.shape()[0],
            self.shape()
        );
        let (statistics, scales) = (statistics.row_major(), scales.row_major());
        Self::build(self.shape(), |out| {
            cross_entropy::gradient(out, &x, &statistics, &targets, &scales, width);
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

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::random::Generator;

    /// Losses and gradients from softmax in f64.
    #[test]
    fn losses_and_gradients_equal_those_of_softmax() {
        let mut generator = Generator::new(6, 0);
        for [rows, classes] in [[1, 1], [3, 2], [5, 17], [70, 257], [3, 5003], [0, 4]] {
            let x = generator.normal::<f32>([rows, classes], 0.0, 3.0);
            let labels = Tensor::from_fn([rows], |i| (i * 31 % classes) as i64);
            let scales = generator.normal::<f32>([rows], 0.0, 1.0);
            let (losses, statistics) = x.cross_entropy(&labels);
            let got = x.cross_entropy_gradient(&labels, &statistics, &scales);
            let p = x.map(f64::from).softmax(1);
            for row in 0..rows {
                let label = labels.at(&[row]) as usize;
                let loss = -p.at(&[row, label]).ln();
                assert!((f64::from(losses.at(&[row])) - loss).abs() < 2e-6 * (1.0 + loss), "{rows} x {classes}");
                for class in 0..classes {
                    let one = if class == label { 1.0 } else { 0.0 };
                    let want = (p.at(&[row, class]) - one) * f64::from(scales.at(&[row]));
                    assert!((f64::from(got.at(&[row, class])) - want).abs() < 1e-6, "{rows} x {classes}");
                }
            }
        }
    }
}
