//! Comparison of tensors within a tolerance.

use crate::element::Float;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// The largest `|self - other|` divided by the largest `|other|`: how far two results of one computation are
    /// apart. NaN where either holds one; 0 for empty tensors. Where `other` is all zero, the absolute difference.
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn relative_difference(&self, other: &Self) -> f64 {
        assert!(
            self.shape() == other.shape(),
            "relative_difference: shapes {:?} and {:?} differ",
            self.shape(),
            other.shape()
        );
        let largest =
            |x: Tensor<f64>| x.view().iter().fold(0.0, |max: f64, x| if x.is_nan() { *x } else { max.max(x.abs()) });
        let difference = self.zip_map(other, "relative_difference", |a, b| a.widen() - b.widen());
        if difference.view().iter().any(|x| x.is_nan()) {
            return f64::NAN;
        }
        let scale = largest(other.map(Widen::widen));
        largest(difference) / if scale == 0.0 { 1.0 } else { scale }
    }
}

/// `AsPrimitive` names its target by inference; this names it here.
trait Widen {
    fn widen(self) -> f64;
}

impl<T: Float> Widen for T {
    fn widen(self) -> f64 {
        self.as_()
    }
}
