//! Dimensions read backwards.

use gradus_tensor::{Dims, Float, Tensor, resolve_dim};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// The entries of each of `dims` in reverse order.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn flip(&self, dims: &[isize]) -> Self {
        let resolved: Dims = dims.iter().map(|&dim| resolve_dim("flip", dim, self.shape().len())).collect();
        let mut flipped = self.clone();
        for (i, &dim) in resolved.iter().enumerate() {
            assert!(!resolved[..i].contains(&dim), "flip: dimension {dim} is named twice");
            let size = self.shape()[dim];
            let backwards = Tensor::from_fn([size], |i| (size - 1 - i) as i64);
            flipped = flipped.picked(dim as isize, &backwards);
        }
        flipped
    }
}
