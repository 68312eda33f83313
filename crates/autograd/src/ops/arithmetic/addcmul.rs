//! A product or a quotient added.

use gradus_tensor::Float;

use crate::ops::dims::common_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x + value a b`, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn addcmul(&self, a: &Self, b: &Self, value: T) -> Self {
        common_shape("addcmul", [self.shape(), a.shape(), b.shape()]);
        self + a * b * value
    }

    /// `x + value a / b`, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn addcdiv(&self, a: &Self, b: &Self, value: T) -> Self {
        common_shape("addcdiv", [self.shape(), a.shape(), b.shape()]);
        self + a / b * value
    }
}
