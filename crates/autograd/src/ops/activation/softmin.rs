//! Softmax of the negated input.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y_i = exp(-x_i) / sum_j exp(-x_j)` along `dim`, without overflow.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn softmin(&self, dim: isize) -> Self {
        self.dim_and_size("softmin", dim);
        (-self).softmax(dim)
    }
}
