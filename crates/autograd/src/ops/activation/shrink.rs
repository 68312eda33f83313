//! Activations that set what is near to 0, or below a threshold, to a number.

use gradus_tensor::{Float, Tensor};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = 0` where `-lambda <= x <= lambda`, else x. PyTorch's default lambda is 1/2.
    pub fn hardshrink(&self, lambda: f64) -> Self {
        let lambda = T::from_f64(lambda);
        self.where_(&self.outside(lambda), T::zero())
    }

    /// x brought nearer to 0 by lambda, and 0 where `-lambda <= x <= lambda`. PyTorch's default lambda is 1/2.
    ///
    /// # Panics
    /// If lambda is negative.
    #[track_caller]
    pub fn softshrink(&self, lambda: f64) -> Self {
        assert!(lambda >= 0.0, "softshrink: lambda is {lambda}");
        let lambda = T::from_f64(lambda);
        let shift = self.detach().clamp(Some(-lambda), Some(lambda));
        (self - &shift).where_(&self.outside(lambda), T::zero())
    }

    /// Where x is not between `-lambda` and `lambda`; NaN is not.
    fn outside(&self, lambda: T) -> Tensor<bool> {
        self.value().map(|x| !(x >= -lambda && x <= lambda))
    }

    /// `y = x - tanh x`.
    pub fn tanhshrink(&self) -> Self {
        self - &self.tanh()
    }

    /// `y = x` above the threshold, else `value`; NaN stays NaN.
    pub fn threshold(&self, threshold: f64, value: f64) -> Self {
        self.where_(&self.le(T::from_f64(threshold)).logical_not(), T::from_f64(value))
    }
}
