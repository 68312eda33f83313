//! The exponential.

use super::polynomial;
use crate::kernels::simd::Arithmetic;

/// Added to a float below 2^22 in size it leaves the nearest integer in the last bits.
pub(super) const ROUND: f32 = 12_582_912.0;
/// The first bits of ln 2, so few that a product with the integers met here is exact.
pub(super) const LN_2_HIGH: f32 = 0.693_359_4;
/// The rest of ln 2.
pub(super) const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `x = n ln 2 + r` with |r| at most about ln 2 / 2: `n`, the bits of `n + ROUND`, and `e^r - 1`.
#[inline(always)]
pub(super) fn reduce<A: Arithmetic>(x: f32) -> (f32, u32, f32) {
    let shifted = A::mul_add(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = A::mul_add(n, -LN_2_LOW, A::mul_add(n, -LN_2_HIGH, x));
    // (e^r - 1 - r) / r^2, off by at most 3.3e-9 of e^r.
    const C: [f32; 5] = [0.499_999_93, 0.166_665_15, 0.041_668_457, 0.008_369_419, 0.001_381_314_3];
    (n, shifted.to_bits(), A::mul_add(r * r, polynomial::<A, 5>(r, C), r))
}

/// `2^n` for n from -126 to 127, from the bits of `n + ROUND`.
#[inline(always)]
pub(super) fn power_of_two(bits: u32) -> f32 {
    f32::from_bits((bits << 23).wrapping_add(1.0f32.to_bits()))
}

/// `e^x` within 1.1 units in the last place (2 without fused multiply-add), subnormal results included; 0 below -104,
/// infinity above 88.73.
#[inline(always)]
pub(super) fn exp<A: Arithmetic>(x: f32) -> f32 {
    // Comparisons that leave NaN as it is. The scaling below overflows and underflows by itself.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (_, bits, e) = reduce::<A>(x);
    // The power is reached in two steps: 2^128 and 2^-150 are no normal numbers.
    let n = (bits as i32).wrapping_sub(ROUND.to_bits() as i32);
    let half = n >> 1;
    let power = |n: i32| f32::from_bits((n.wrapping_add(127) as u32) << 23);
    (1.0 + e) * power(half) * power(n.wrapping_sub(half))
}

/// [`exp`] for x of at most 0, or NaN: 0 where the result would be subnormal, which saves a step.
#[inline(always)]
pub(super) fn exp_below_zero<A: Arithmetic>(x: f32) -> f32 {
    let (_, bits, e) = reduce::<A>(x);
    let y = (1.0 + e) * power_of_two(bits);
    // ln of the least normal number, rounded up.
    if x < -87.336_54 { 0.0 } else { y }
}
