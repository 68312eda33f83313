//! Several dimensions made one, and one made several.

use gradus_tensor::{Dims, Float, numel, resolve_dim};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Dimensions `start_dim` to the last made one.
    ///
    /// # Panics
    /// If there is no such dimension.
    #[track_caller]
    pub fn flatten(&self, start_dim: isize) -> Self {
        self.flatten_dims(start_dim, -1)
    }

    /// Dimensions `start_dim` to `end_dim`, both included, made one (PyTorch's `flatten(start_dim, end_dim)`). A
    /// scalar becomes a list of one.
    ///
    /// # Panics
    /// If there are no such dimensions, or the first comes after the last.
    #[track_caller]
    pub fn flatten_dims(&self, start_dim: isize, end_dim: isize) -> Self {
        let rank = self.shape().len();
        let start = resolve_dim("flatten", start_dim, rank.max(1));
        let end = resolve_dim("flatten", end_dim, rank.max(1));
        assert!(start <= end, "flatten: dimension {start_dim} comes after {end_dim} in shape {:?}", self.shape());
        if rank == 0 {
            return self.reshape([1]);
        }
        let mut shape = Dims::from_slice(&self.shape()[..start]);
        shape.push(numel(&self.shape()[start..=end]));
        shape.extend_from_slice(&self.shape()[end + 1..]);
        self.reshape(shape)
    }

    /// Dimension `dim` cut into dimensions of `sizes`, of which one may be -1: what is left for it.
    ///
    /// # Panics
    /// If the sizes do not multiply to that of the dimension.
    #[track_caller]
    pub fn unflatten(&self, dim: isize, sizes: &[isize]) -> Self {
        let at = resolve_dim("unflatten", dim, self.shape().len());
        let size = self.shape()[at];
        let known: usize = sizes.iter().filter(|&&n| n >= 0).map(|&n| n as usize).product();
        let rest = size.checked_div(known).unwrap_or(0);
        let parts: Dims = sizes.iter().map(|&n| usize::try_from(n).unwrap_or(rest)).collect();
        assert!(
            sizes.iter().all(|&n| n >= -1) && sizes.iter().filter(|&&n| n < 0).count() <= 1 && numel(&parts) == size,
            "unflatten: sizes {sizes:?} do not multiply to dimension {at} of shape {:?}",
            self.shape()
        );
        let mut shape = Dims::from_slice(&self.shape()[..at]);
        shape.extend(parts);
        shape.extend_from_slice(&self.shape()[at + 1..]);
        self.reshape(shape)
    }
}
