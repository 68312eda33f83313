//! Sums and means.

use gradus_tensor::{Dims, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::reduction::kept_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The sum of all elements, as a scalar.
    pub fn sum(&self) -> Self {
        let rule = || SumDims { input: self.dims(), kept: Dims::from_elem(1, self.shape().len()) };
        Self::recorded(self.value().sum(), &[self], rule)
    }

    /// The mean of all elements, as a scalar.
    pub fn mean(&self) -> Self {
        self.sum() / T::from_f64(self.numel() as f64)
    }

    /// The sums along `dims`, which disappear, or keep size 1 with `keep_dim`. No dims are all dims, as in PyTorch.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn sum_dims(&self, dims: &[isize], keep_dim: bool) -> Self {
        self.sum_along(&self.reduced_dims("sum_dims", dims), keep_dim)
    }

    /// The means along `dims`, as [`sum_dims`](Self::sum_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn mean_dims(&self, dims: &[isize], keep_dim: bool) -> Self {
        self.mean_along(&self.reduced_dims("mean_dims", dims), keep_dim)
    }

    /// [`sum_dims`](Self::sum_dims) of dimensions that are resolved.
    pub(super) fn sum_along(&self, dims: &[isize], keep_dim: bool) -> Self {
        let value = self.value().sum_dims(dims, keep_dim);
        let rule = || SumDims { input: self.dims(), kept: kept_shape(self.shape(), dims) };
        Self::recorded(value, &[self], rule)
    }

    /// [`mean_dims`](Self::mean_dims) of dimensions that are resolved.
    pub(super) fn mean_along(&self, dims: &[isize], keep_dim: bool) -> Self {
        let count: usize = dims.iter().map(|&dim| self.shape()[dim as usize]).product();
        self.sum_along(dims, keep_dim) / T::from_f64(count as f64)
    }
}

/// `dx` is `g` repeated along the summed dimensions.
struct SumDims {
    input: Dims,
    /// The input's shape with 1 for every summed dimension.
    kept: Dims,
}

impl<T: Float> Rule<T> for SumDims {
    fn name(&self) -> &'static str {
        "sum_dims"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().reshape(&self.kept).broadcast_to(&self.input))]
    }
}
