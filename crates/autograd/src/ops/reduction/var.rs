//! Variances and standard deviations.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// The variance of all elements, the sum of squares divided by their number less 1.
    pub fn var(&self) -> Self {
        self.var_dims(&[], 1.0, false)
    }

    /// The standard deviation of all elements, the square root of [`var`](Self::var).
    pub fn std(&self) -> Self {
        self.std_dims(&[], 1.0, false)
    }

    /// The variances along `dims`, which disappear, or keep size 1 with `keep_dim`: the sum of squared distances to the
    /// mean, divided by the number of elements less `correction`, and at least 0.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn var_dims(&self, dims: &[isize], correction: f64, keep_dim: bool) -> Self {
        self.moments("var_dims", dims, correction, keep_dim).0
    }

    /// The square roots of [`var_dims`](Self::var_dims). Where all elements are equal the gradient is 0.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn std_dims(&self, dims: &[isize], correction: f64, keep_dim: bool) -> Self {
        root(&self.moments("std_dims", dims, correction, keep_dim).0)
    }

    /// [`var_dims`](Self::var_dims) and the means.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn var_mean_dims(&self, dims: &[isize], correction: f64, keep_dim: bool) -> (Self, Self) {
        self.moments("var_mean_dims", dims, correction, keep_dim)
    }

    /// [`std_dims`](Self::std_dims) and the means.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn std_mean_dims(&self, dims: &[isize], correction: f64, keep_dim: bool) -> (Self, Self) {
        let (variance, mean) = self.moments("std_mean_dims", dims, correction, keep_dim);
        (root(&variance), mean)
    }

    /// The variances and means along `dims`, for `operation`.
    #[track_caller]
    fn moments(&self, operation: &str, dims: &[isize], correction: f64, keep_dim: bool) -> (Self, Self) {
        let dims = self.reduced_dims(operation, dims);
        let mean = self.mean_along(&dims, true);
        let apart = self - &mean;
        let count: usize = dims.iter().map(|&dim| self.shape()[dim as usize]).product();
        let freedom = T::from_f64((count as f64 - correction).max(0.0));
        let variance = (&apart * &apart).sum_along(&dims, keep_dim) / freedom;
        let shape = variance.shape().to_vec();
        (variance, mean.reshape(shape))
    }
}

/// The square root, with gradient 0 at 0.
fn root<T: Float>(x: &Var<T>) -> Var<T> {
    let zero = x.value().map(|x| x == T::zero());
    x.masked_fill(&zero, T::one()).sqrt().masked_fill(&zero, T::zero())
}
