//! Sums and means of what is a number.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// The sums along `dims` of all elements but NaN; as [`sum_dims`](Self::sum_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn nansum(&self, dims: &[isize], keep_dim: bool) -> Self {
        self.masked_fill(&self.value().map(|x| x.is_nan()), T::zero()).sum_dims(dims, keep_dim)
    }

    /// The means along `dims` of all elements but NaN; NaN where there is none. As [`mean_dims`](Self::mean_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn nanmean(&self, dims: &[isize], keep_dim: bool) -> Self {
        let numbers = self.value().map(|x| if x.is_nan() { T::zero() } else { T::one() });
        self.nansum(dims, keep_dim) / Self::new(numbers.sum_dims(dims, keep_dim))
    }
}
