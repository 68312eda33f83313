//! Degrees and radians.

use std::f64::consts::PI;

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x pi / 180`.
    pub fn deg2rad(&self) -> Self {
        self * T::from_f64(PI / 180.0)
    }

    /// `180 x / pi`.
    pub fn rad2deg(&self) -> Self {
        self * T::from_f64(180.0 / PI)
    }
}
