//! The hyperbolic tangent.

use super::exp::{power_of_two, reduce};
use crate::kernels::simd::Arithmetic;

/// `tanh x` within 4 units in the last place.
#[inline(always)]
pub(super) fn tanh<A: Arithmetic>(x: f32) -> f32 {
    // From 9.02 on it is 1.
    let size = x.abs();
    let size = if size > 9.1 { 9.1 } else { size };
    // t = e^2|x| - 1 without cancellation, however small x is.
    let (_, bits, e) = reduce::<A>(size + size);
    let power = power_of_two(bits);
    let t = A::mul_add(power, e, power - 1.0);
    (t / (t + 2.0)).copysign(x)
}
