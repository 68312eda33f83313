//! Dimensions of size 1 added and removed.

use gradus_tensor::{Float, Tensor};

use crate::ops::dims::resolved;
use crate::ops::shape::reshape::Reshape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// A new dimension of size 1 before dimension `dim`; -1 adds it at the end.
    ///
    /// # Panics
    /// If `dim` is out of range.
    #[track_caller]
    pub fn unsqueeze(&self, dim: isize) -> Self {
        self.seen_as(self.value().unsqueeze(dim))
    }

    /// Without dimension `dim` where its size is 1, unchanged where it is not.
    ///
    /// # Panics
    /// If `dim` is out of range.
    #[track_caller]
    pub fn squeeze(&self, dim: isize) -> Self {
        self.squeeze_dims(&[dim])
    }

    /// Without those of `dims` whose size is 1 (PyTorch's `squeeze` of several dimensions).
    ///
    /// # Panics
    /// If a dimension is out of range.
    #[track_caller]
    pub fn squeeze_dims(&self, dims: &[isize]) -> Self {
        let rank = self.shape().len();
        let mut named = resolved("squeeze", dims, rank);
        named.sort_unstable();
        named.dedup();
        // From the end, so that the places of the others stay.
        self.seen_as(named.iter().rev().fold(self.value().clone(), |x, &dim| x.squeeze(dim as isize)))
    }

    /// Without all dimensions of size 1 (PyTorch's `squeeze` without a dimension).
    pub fn squeeze_all(&self) -> Self {
        let all: Vec<isize> = (0..self.shape().len() as isize).collect();
        self.squeeze_dims(&all)
    }

    /// `view` of this variable's value, with the same elements in the same order.
    fn seen_as(&self, view: Tensor<T>) -> Self {
        Self::recorded(view, &[self], || Reshape { input: self.dims() })
    }
}
