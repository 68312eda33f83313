//! The error function and the normal distribution.

use std::f32::consts::SQRT_2;
use std::f64::consts::FRAC_2_SQRT_PI;

use super::exp::exp_below_zero;
use super::polynomial;
use crate::kernels::simd::Arithmetic;

/// What of the standard normal distribution lies above `z` of at least 0, divided by `e^(-z^2 / 2)`.
///
/// The form is that of Abramowitz and Stegun 7.1.26, a polynomial in `t = 1 / (1 + 0.345 z)`, with coefficients fitted
/// anew: times `e^(-z^2 / 2)` it is off by at most 2e-8, and in the far tail by at most 7e-6 of the value.
#[inline(always)]
fn tail<A: Arithmetic>(z: f32) -> f32 {
    const C: [f32; 7] =
        [0.137_854_19, 0.133_806_48, 0.147_866_58, -0.006_947_471_5, 0.233_807, -0.190_754, 0.044_367_23];
    let t = 1.0 / A::mul_add(z, 0.345, 1.0);
    t * polynomial::<A, 7>(t, C)
}

/// The share of the standard normal distribution below `x`, within 2.5e-7, and `e^(-x^2 / 2)`.
#[inline(always)]
pub(super) fn normal<A: Arithmetic>(x: f32) -> (f32, f32) {
    let e = exp_below_zero::<A>(x * x * -0.5);
    let beyond = e * tail::<A>(x.abs());
    (if x < 0.0 { beyond } else { 1.0 - beyond }, e)
}

/// `erf x` within 3e-7, and within 3 units in the last place for |x| below 1.
#[inline(always)]
pub(super) fn erf<A: Arithmetic>(x: f32) -> f32 {
    // erf(x) / x in powers of x^2, off by at most 1.2e-9 of it for |x| up to 1.
    const C: [f32; 7] = [
        std::f32::consts::FRAC_2_SQRT_PI,
        -0.376_126_26,
        0.112_835_854,
        -0.026_853_811,
        0.005_188_327_7,
        -0.000_801_019_3,
        7.853_861e-5,
    ];
    let (size, square) = (x.abs(), x * x);
    let near = x * polynomial::<A, 7>(square, C);
    let far = 1.0 - 2.0 * exp_below_zero::<A>(-square) * tail::<A>(size * SQRT_2);
    if size < 1.0 { near } else { far.copysign(x) }
}

/// `erf x` in f64, within 4e-16.
pub(super) fn erf_f64(x: f64) -> f64 {
    if x.abs() < 2.0 {
        // erf x = 2 / sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ..): all terms have one sign.
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term.abs() > sum.abs() * 1e-17 {
            n += 2.0;
            term *= 2.0 * x * x / n;
            sum += term;
        }
        return FRAC_2_SQRT_PI * (-x * x).exp() * sum;
    }
    if x > 0.0 { 1.0 - erfc_f64(x) } else { erfc_f64(-x) - 1.0 }
}

/// `1 - erf x` in f64: within 4e-16 below 2, and 4e-14 of the value above.
pub(super) fn erfc_f64(x: f64) -> f64 {
    if x < 2.0 {
        return 1.0 - erf_f64(x);
    }
    // The continued fraction x + (1/2) / (x + (2/2) / (x + (3/2) / ..)); 60 terms are enough at 2.
    let fraction = (1..=60).rev().fold(x, |below, k| x + 0.5 * f64::from(k) / below);
    0.5 * FRAC_2_SQRT_PI * (-x * x).exp() / fraction
}
