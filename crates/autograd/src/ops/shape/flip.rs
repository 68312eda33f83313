//! Dimensions read backwards.

use gradus_tensor::{Float, Tensor};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// The entries of each of `dims` in reverse order.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn flip(&self, dims: &[isize]) -> Self {
        if dims.is_empty() {
            return self.clone();
        }
        self.reduced_dims("flip", dims).into_iter().fold(self.clone(), |x, dim| {
            let size = x.shape()[dim as usize];
            x.picked(dim, &Tensor::from_fn([size], |i| (size - 1 - i) as i64))
        })
    }
}
