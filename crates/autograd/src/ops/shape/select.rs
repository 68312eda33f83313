//! One entry of a dimension.

use gradus_tensor::{Float, resolve_dim};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Entry `index` of dimension `dim`, which disappears; a negative index counts from the end.
    ///
    /// # Panics
    /// If the index leaves the dimension.
    #[track_caller]
    pub fn select(&self, dim: isize, index: isize) -> Self {
        let at = resolve_dim("select", dim, self.shape().len());
        let size = self.shape()[at];
        let place = if index < 0 { index + size as isize } else { index };
        assert!(
            (0..size as isize).contains(&place),
            "select: index {index} leaves dimension {at} of shape {:?}",
            self.shape()
        );
        self.narrow(dim, place as usize, 1).squeeze(dim)
    }
}
