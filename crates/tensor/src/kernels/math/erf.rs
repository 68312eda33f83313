//! The error function and the normal distribution.

use std::f32::consts::SQRT_2;
use std::f64::consts::FRAC_2_SQRT_PI;

use super::exp::{ROUND, power_of_two};
use super::polynomial;
use crate::kernels::simd::Arithmetic;

/// What of the standard normal distribution lies above `z` of at least 0, divided by `e^(-z^2 / 2)`, in powers of z.
///
/// Times `e^(-z^2 / 2)` it is off by at most 3.3e-8. A division as in Abramowitz and Stegun 7.1.26 would need half the
/// degree and more time.
const TAIL: [f32; 12] = [
    0.499_999_97,
    -0.398_939_25,
    0.249_953_69,
    -0.132_705_2,
    0.061_655_05,
    -0.025_061_848,
    0.008_623_012,
    -0.002_368_082,
    0.000_482_408_44,
    -6.672_73e-5,
    5.495_047_4e-6,
    -2.008_796_4e-7,
];

/// Where [`TAIL`] ends: what lies beyond is below 1e-9.
const END: f32 = 6.0;

/// The density of the normal distribution at 0.
const DENSITY: f32 = 0.398_942_3;

/// `e^(-x^2 / 2)` within 1.2e-7, and |x| up to [`END`].
#[inline(always)]
fn bell<A: Arithmetic>(x: f32) -> (f32, f32) {
    // 2^f for |f| up to 1/2, off by at most 1.9e-9 of it. A power of 2 needs no product with ln 2; of large x^2 its
    // exponent is less exact, but then the result is small.
    const C: [f32; 7] =
        [1.0, std::f32::consts::LN_2, 0.240_226_46, 0.055_503_283, 0.009_618_492, 0.001_340_019_5, 0.000_153_455_77];
    let y = x * x * (-0.5 * std::f32::consts::LOG2_E);
    let shifted = y + ROUND;
    let e = polynomial::<A, 7>(y - (shifted - ROUND), C) * power_of_two(shifted.to_bits());
    let size = x.abs();
    (if y < -126.0 { 0.0 } else { e }, if size > END { END } else { size })
}

/// The share of the standard normal distribution below `x`, P(x), within 1.5e-7.
#[inline(always)]
pub(super) fn normal<A: Arithmetic>(x: f32) -> f32 {
    let (e, z) = bell::<A>(x);
    let beyond = e * polynomial::<A, 12>(z, TAIL);
    if x < 0.0 { beyond } else { 1.0 - beyond }
}

/// `P(x) + x p(x)`, the derivative of `x P(x)`, within 1.5e-7.
#[inline(always)]
pub(super) fn gelu_slope<A: Arithmetic>(x: f32) -> f32 {
    // x p(x) has the same factor as the tail, so it is one more summand there.
    const C: [f32; 12] = {
        let mut c = TAIL;
        c[1] -= DENSITY;
        c
    };
    let (e, z) = bell::<A>(x);
    let beyond = e * polynomial::<A, 12>(z, C);
    if x < 0.0 { beyond } else { 1.0 - beyond }
}

/// `erf x` within 2e-7, and within 3 units in the last place for |x| below 1.
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
    let (e, z) = bell::<A>(size * SQRT_2);
    let far = 1.0 - 2.0 * e * polynomial::<A, 12>(z, TAIL);
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

/// The x with `erf x = y`, in f64; infinite at -1 and 1, NaN beyond.
pub(super) fn erfinv_f64(y: f64) -> f64 {
    let size = y.abs();
    if size >= 1.0 || y.is_nan() {
        return if size == 1.0 { f64::INFINITY.copysign(y) } else { f64::NAN };
    }
    // Winitzki's approximation, within 2e-3 of x, and Newton's steps of third order (Halley). In the tail erfc has the
    // digits that erf has lost.
    const A: f64 = 0.147;
    let log = ((1.0 - size) * (1.0 + size)).ln();
    let b = 2.0 / (std::f64::consts::PI * A) + log / 2.0;
    let mut x = ((b * b - log / A).sqrt() - b).sqrt();
    for _ in 0..3 {
        let error = if size < 0.5 { erf_f64(x) - size } else { (1.0 - size) - erfc_f64(x) };
        let step = error / (FRAC_2_SQRT_PI * (-x * x).exp());
        x -= step / (1.0 + x * step);
    }
    x.copysign(y)
}
