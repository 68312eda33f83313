//! The bounds that the functions state, over a sweep of all kinds of floats and at every level of instructions.

use super::*;
use crate::kernels::simd::{Kernel, at_every_level};

/// A function of this folder in both precisions.
#[derive(Clone, Copy)]
enum Function {
    Exp,
    ExpBelowZero,
    Ln,
    Tanh,
    Sigmoid,
    Erf,
    Normal,
    GeluSlope,
}

impl Function {
    #[inline(always)]
    fn of<T: Math, A: Arithmetic>(self, x: T) -> T {
        match self {
            Self::Exp => x.exp_with::<A>(),
            Self::ExpBelowZero => x.exp_below_zero::<A>(),
            Self::Ln => x.ln_with::<A>(),
            Self::Tanh => x.tanh_with::<A>(),
            Self::Sigmoid => x.sigmoid_with::<A>(),
            Self::Erf => x.erf_with::<A>(),
            Self::Normal => x.normal_with::<A>(),
            Self::GeluSlope => x.gelu_slope_with::<A>(),
        }
    }
}

#[derive(Clone, Copy)]
struct All<'a>(Function, &'a [f32]);

impl Kernel for All<'_> {
    type Output = (Vec<f32>, Vec<f64>);

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Self::Output {
        let exact = |&x: &f32| self.0.of::<f64, A>(f64::from(x));
        (self.1.iter().map(|&x| self.0.of::<f32, A>(x)).collect(), self.1.iter().map(exact).collect())
    }
}

/// Every 1009th bit pattern, and those that are special.
fn sweep() -> Vec<f32> {
    let special = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MIN_POSITIVE, f32::MAX, f32::MIN];
    let near_one = (0..2000).map(|i| f32::from_bits(1.0f32.to_bits() - 1000 + i));
    (0..=u32::MAX / 1009).map(|i| f32::from_bits(i * 1009)).chain(special).chain(near_one).collect()
}

/// How far `got` is from `want`, in units of the last place of an f32 of `want`'s size.
fn units(got: f32, want: f64) -> f64 {
    let size = (want.abs() as f32).clamp(f32::MIN_POSITIVE, f32::MAX);
    (f64::from(got) - want).abs() / f64::from(size - f32::from_bits(size.to_bits() - 1))
}

/// Checks that `error(x, got, want)` is at most `bound` wherever `domain` holds, and that the special values agree.
fn check(function: Function, domain: fn(f32) -> bool, error: fn(f32, f64) -> f64, bound: f64) {
    let x: Vec<f32> = sweep().into_iter().filter(|&x| domain(x) || x.is_nan()).collect();
    at_every_level(&All(function, &x), |level, (got, want)| {
        let (mut worst, mut place) = (0.0, 0.0);
        for ((&x, &got), &want) in x.iter().zip(&got).zip(&want) {
            assert_eq!(got.is_nan(), want.is_nan(), "{x:e} at {level:?}: {got:e}, exact {want:e}");
            if !got.is_finite() || !(want as f32).is_finite() {
                // Where the exact result is within the rounding of the largest float either answer is right.
                let border = want.is_finite() && (want.abs() / f64::from(f32::MAX) - 1.0).abs() < 1e-6;
                assert!(border || got.is_nan() || got == want as f32, "{x:e} at {level:?}: {got:e}, exact {want:e}");
                continue;
            }
            if x == 0.0 {
                assert_eq!(got.to_bits(), (want as f32).to_bits(), "{x:e} at {level:?}: the sign at zero");
            }
            if error(got, want) > worst {
                (worst, place) = (error(got, want), x);
            }
        }
        println!("worst {worst:.3e} at {place:e}, {level:?}");
        assert!(worst <= bound, "{worst} at {place:e}, more than {bound}, {level:?}");
    });
}

fn absolute(got: f32, want: f64) -> f64 {
    (f64::from(got) - want).abs()
}

#[test]
fn exp_is_within_two_units() {
    check(Function::Exp, |_| true, units, 2.0);
    check(Function::ExpBelowZero, |x| (-87.33..=0.0).contains(&x), units, 2.0);
    check(Function::ExpBelowZero, |x| x <= 0.0, absolute, 1.2e-7);
}

#[test]
fn ln_is_within_two_units() {
    check(Function::Ln, |_| true, units, 2.0);
}

#[test]
fn tanh_is_within_four_units() {
    check(Function::Tanh, |_| true, units, 4.0);
}

#[test]
fn sigmoid_is_within_three_units() {
    check(Function::Sigmoid, |_| true, units, 3.0);
}

#[test]
fn erf_and_the_normal_distribution_are_within_their_bounds() {
    check(Function::Erf, |_| true, absolute, 2e-7);
    check(Function::Erf, |x| x.abs() < 1.0, units, 3.0);
    check(Function::Normal, |_| true, absolute, 1.5e-7);
    check(Function::GeluSlope, |_| true, absolute, 1.5e-7);
}

/// Values computed with 30 digits (mpmath).
#[test]
fn erf_in_f64_is_exact_to_its_last_digits() {
    for (x, erf, erfc) in [
        (0.1, 0.112_462_916_018_284_89, 0.887_537_083_981_715),
        (1.0, 0.842_700_792_949_714_9, 0.157_299_207_050_285_13),
        (1.9, 0.992_790_429_235_257_5, 0.007_209_570_764_742_525),
        (2.0, 0.995_322_265_018_952_7, 0.004_677_734_981_047_266),
        (3.5, 0.999_999_256_901_627_7, 7.430_983_723_414_128e-7),
        (10.0, 1.0, 2.088_487_583_762_545e-45),
    ] {
        assert!((erf::erf_f64(x) - erf).abs() < 4e-16, "erf {x}: {}", erf::erf_f64(x));
        assert_eq!(erf::erf_f64(-x), -erf::erf_f64(x));
        assert!((erf::erfc_f64(x) / erfc - 1.0).abs() < 4e-14, "erfc {x}: {}", erf::erfc_f64(x));
    }
    assert_eq!((erf::erfc_f64(f64::INFINITY), erf::erf_f64(f64::NEG_INFINITY)), (0.0, -1.0));
    assert!(erf::erf_f64(f64::NAN).is_nan());
}
