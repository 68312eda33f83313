//! The logistic function.

use super::exp::exp;
use crate::kernels::simd::Arithmetic;

/// `1 / (1 + e^-x)` within 3 units in the last place, subnormal results included.
#[inline(always)]
pub(super) fn sigmoid<A: Arithmetic>(x: f32) -> f32 {
    let e = exp::<A>(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}
