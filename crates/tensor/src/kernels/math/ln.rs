//! The natural logarithm.

use super::exp::{LN_2_HIGH, LN_2_LOW};
use super::polynomial;
use crate::kernels::simd::Arithmetic;

/// `ln x` within 1 unit in the last place (2 without fused multiply-add), subnormal x included; -infinity at 0, NaN
/// below.
#[inline(always)]
pub(super) fn ln<A: Arithmetic>(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let bits = (if subnormal { x * 8_388_608.0 } else { x }).to_bits();
    // x = m 2^n with m from sqrt(1/2) to sqrt(2).
    let n = (bits.wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits()) as i32) >> 23;
    let f = f32::from_bits(bits.wrapping_sub((n << 23) as u32)) - 1.0;
    let n = n as f32 - if subnormal { 23.0 } else { 0.0 };
    // (ln(1 + f) - f + f^2 / 2) / f^3, off by at most 5.9e-9 of ln(1 + f).
    const C: [f32; 8] = [
        0.333_333_3,
        -0.250_008_2,
        0.200_012_27,
        -0.166_233_58,
        0.142_017_47,
        -0.131_601_65,
        0.127_616_42,
        -0.076_346_14,
    ];
    let square = f * f;
    let low = A::mul_add(square * f, polynomial::<A, 8>(f, C), n * LN_2_LOW);
    let y = A::mul_add(n, LN_2_HIGH, A::mul_add(square, -0.5, low) + f);
    // Infinity and NaN stay; what is below 0 has no logarithm.
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 { f32::NAN } else { y }
}
