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
        let mut flipped = self.clone();
        for (i, &dim) in dims.iter().enumerate() {
            let size = self.value().size(dim);
            let same = |other: &&isize| (dim - **other).unsigned_abs() % self.shape().len() == 0;
            assert!(!dims[..i].iter().any(|other| same(&other)), "flip: dimension {dim} is named twice");
            let backwards = Tensor::from_fn([size], |i| (size - 1 - i) as i64);
            flipped = flipped.picked(dim, &backwards);
        }
        flipped
    }
}
