//! Largest and smallest elements.

use gradus_tensor::{Dims, Float, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::reduction::kept_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The largest element, as a scalar. NaN counts as largest. Equal ones share the gradient evenly.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn max(&self) -> Self {
        self.amax_along(&self.reduced_dims_with_elements("max", &[]), false)
    }

    /// The smallest element, as a scalar. NaN counts as smallest. Equal ones share the gradient evenly.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn min(&self) -> Self {
        self.amin_along(&self.reduced_dims_with_elements("min", &[]), false)
    }

    /// The largest elements along `dims`, which disappear, or keep size 1 with `keep_dim`. NaN counts as largest. Equal
    /// ones share the gradient evenly.
    ///
    /// # Panics
    /// If a dimension is out of range, named twice or of size 0.
    #[track_caller]
    pub fn amax(&self, dims: &[isize], keep_dim: bool) -> Self {
        self.amax_along(&self.reduced_dims_with_elements("amax", dims), keep_dim)
    }

    /// The smallest elements along `dims`, as [`amax`](Self::amax).
    ///
    /// # Panics
    /// If a dimension is out of range, named twice or of size 0.
    #[track_caller]
    pub fn amin(&self, dims: &[isize], keep_dim: bool) -> Self {
        self.amin_along(&self.reduced_dims_with_elements("amin", dims), keep_dim)
    }

    /// The largest element along `dim` and its place (PyTorch's `max(dim)`), of equals the first, which gets the
    /// gradient. NaN counts as largest.
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn max_dim(&self, dim: isize, keep_dim: bool) -> (Self, Tensor<i64>) {
        let dim = self.reduced_dims_with_elements("max_dim", &[dim])[0];
        self.at_places(dim, keep_dim, self.value().max_dim(dim, true).1)
    }

    /// The smallest element along `dim` and its place, as [`max_dim`](Self::max_dim).
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn min_dim(&self, dim: isize, keep_dim: bool) -> (Self, Tensor<i64>) {
        let dim = self.reduced_dims_with_elements("min_dim", &[dim])[0];
        self.at_places(dim, keep_dim, self.value().min_dim(dim, true).1)
    }

    /// The largest of each element and all before it along `dim`, and its place, of equals the last.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn cummax(&self, dim: isize) -> (Self, Tensor<i64>) {
        let dim = self.reduced_dims("cummax", &[dim])[0];
        self.at_places(dim, true, self.value().cummax_places(dim))
    }

    /// The smallest of each element and all before it along `dim`, as [`cummax`](Self::cummax).
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn cummin(&self, dim: isize) -> (Self, Tensor<i64>) {
        let dim = self.reduced_dims("cummin", &[dim])[0];
        self.at_places(dim, true, (-self.value()).cummax_places(dim))
    }

    /// [`amax`](Self::amax) of dimensions that are resolved and have elements.
    pub(super) fn amax_along(&self, dims: &[isize], keep_dim: bool) -> Self {
        equal_share(self, self.value().amax(dims, keep_dim), kept_shape(self.shape(), dims))
    }

    /// [`amin`](Self::amin) of dimensions that are resolved and have elements.
    pub(super) fn amin_along(&self, dims: &[isize], keep_dim: bool) -> Self {
        equal_share(self, self.value().amin(dims, keep_dim), kept_shape(self.shape(), dims))
    }

    /// The elements at these places of `dim`, which is resolved, with or without that dimension, of which there is one
    /// entry then.
    pub(super) fn at_places(&self, dim: isize, keep_dim: bool, places: Tensor<i64>) -> (Self, Tensor<i64>) {
        let values = self.gather(dim, &places).unwrap_or_else(|error| panic!("gather: {error}"));
        if keep_dim { (values, places) } else { (values.squeeze(dim), places.squeeze(dim)) }
    }
}

/// `value`, an element of `x` for each reduced part, whose gradient all equal elements of the part share.
pub(super) fn equal_share<T: Float>(x: &Var<T>, value: Tensor<T>, kept: Dims) -> Var<T> {
    Var::recorded(value.clone(), &[x], || {
        let same = |x: T, y: T| if x == y || (x.is_nan() && y.is_nan()) { T::one() } else { T::zero() };
        let same = x.value().zip_map(&value.reshape(&kept), "amax", same);
        EqualShare { shares: &same / &same.sum_to(&kept), kept }
    })
}

/// `dx` is `g` times each element's share, which is 0 for all that differ from the result.
struct EqualShare<T: Float> {
    shares: Tensor<T>,
    kept: Dims,
}

impl<T: Float> Rule<T> for EqualShare<T> {
    fn name(&self) -> &'static str {
        "extreme"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().reshape(&self.kept) * Var::new(self.shares.clone()))]
    }
}
