//! Sums and means of what is a number.

use gradus_tensor::{Dims, Float, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::reduction::kept_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The sums along `dims` of all elements but NaN; as [`sum_dims`](Self::sum_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn nansum(&self, dims: &[isize], keep_dim: bool) -> Self {
        self.nansum_along(&self.reduced_dims("nansum", dims), keep_dim)
    }

    /// The means along `dims` of all elements but NaN; NaN where there is none. As [`mean_dims`](Self::mean_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn nanmean(&self, dims: &[isize], keep_dim: bool) -> Self {
        let dims = self.reduced_dims("nanmean", dims);
        self.nansum_along(&dims, keep_dim) / Self::new(numbers(self.value()).sum_dims(&dims, keep_dim))
    }

    /// [`nansum`](Self::nansum) of dimensions that are resolved.
    fn nansum_along(&self, dims: &[isize], keep_dim: bool) -> Self {
        let value = self.value().map(|x| if x.is_nan() { T::zero() } else { x }).sum_dims(dims, keep_dim);
        let rule = || NanSum { numbers: numbers(self.value()), kept: kept_shape(self.shape(), dims) };
        Self::recorded(value, &[self], rule)
    }
}

/// 1 for what is a number, 0 for NaN.
fn numbers<T: Float>(x: &Tensor<T>) -> Tensor<T> {
    x.map(|x| if x.is_nan() { T::zero() } else { T::one() })
}

/// `dx` is `g` repeated along the summed dimensions, times 0 where x is NaN. A product, as in PyTorch: the gradient of
/// a mean of nothing is NaN and stays so.
struct NanSum<T: Float> {
    numbers: Tensor<T>,
    /// The input's shape with 1 for every summed dimension.
    kept: Dims,
}

impl<T: Float> Rule<T> for NanSum<T> {
    fn name(&self) -> &'static str {
        "nansum"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let gradient = context.gradient().reshape(&self.kept).broadcast_to(self.numbers.shape());
        smallvec![Some(gradient * Var::new(self.numbers.clone()))]
    }
}
