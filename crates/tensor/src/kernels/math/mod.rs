//! Functions of one number, written so that loops over them become vector instructions.
//!
//! For `f32` each is one path without branches: a reduction of the range by the bits of the number, a polynomial, and
//! selects for what the polynomial does not cover. For `f64`, where only tests need speed, they are the standard
//! library's. The error bounds stand at each `f32` function and are tested over a dense sweep of bit patterns at every
//! level of vector instructions. The polynomials are minimax fits (Remez, 40 digits) made for this crate.

mod erf;
mod exp;
mod ln;
mod sigmoid;
mod tanh;

#[cfg(test)]
mod tests;

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use super::simd::Arithmetic;

/// A float with the functions of this folder; `A` says how to multiply and add.
pub trait Math: Copy {
    /// `e^x`.
    #[doc(hidden)]
    fn exp_with<A: Arithmetic>(self) -> Self;

    /// `e^x` for x of at most 0, or NaN; results below the least normal number are 0.
    #[doc(hidden)]
    fn exp_below_zero<A: Arithmetic>(self) -> Self;

    /// The natural logarithm.
    #[doc(hidden)]
    fn ln_with<A: Arithmetic>(self) -> Self;

    /// The hyperbolic tangent.
    #[doc(hidden)]
    fn tanh_with<A: Arithmetic>(self) -> Self;

    /// `1 / (1 + e^-x)`.
    #[doc(hidden)]
    fn sigmoid_with<A: Arithmetic>(self) -> Self;

    /// The error function.
    #[doc(hidden)]
    fn erf_with<A: Arithmetic>(self) -> Self;

    /// `1 - erf x`.
    #[doc(hidden)]
    fn erfc(self) -> Self;

    /// The number whose error function is this one.
    #[doc(hidden)]
    fn erfinv(self) -> Self;

    /// What of the standard normal distribution lies below x: P(x).
    #[doc(hidden)]
    fn normal_with<A: Arithmetic>(self) -> Self;

    /// The derivative of `x P(x)`: `P(x) + x p(x)` with the density p.
    #[doc(hidden)]
    fn gelu_slope_with<A: Arithmetic>(self) -> Self;
}

impl Math for f32 {
    #[inline(always)]
    fn exp_with<A: Arithmetic>(self) -> Self {
        exp::exp::<A>(self)
    }

    #[inline(always)]
    fn exp_below_zero<A: Arithmetic>(self) -> Self {
        exp::exp_below_zero::<A>(self)
    }

    #[inline(always)]
    fn ln_with<A: Arithmetic>(self) -> Self {
        ln::ln::<A>(self)
    }

    #[inline(always)]
    fn tanh_with<A: Arithmetic>(self) -> Self {
        tanh::tanh::<A>(self)
    }

    #[inline(always)]
    fn sigmoid_with<A: Arithmetic>(self) -> Self {
        sigmoid::sigmoid::<A>(self)
    }

    #[inline(always)]
    fn erf_with<A: Arithmetic>(self) -> Self {
        erf::erf::<A>(self)
    }

    fn erfc(self) -> Self {
        erf::erfc_f64(self.into()) as f32
    }

    fn erfinv(self) -> Self {
        erf::erfinv_f64(self.into()) as f32
    }

    #[inline(always)]
    fn normal_with<A: Arithmetic>(self) -> Self {
        erf::normal::<A>(self)
    }

    #[inline(always)]
    fn gelu_slope_with<A: Arithmetic>(self) -> Self {
        erf::gelu_slope::<A>(self)
    }
}

impl Math for f64 {
    fn exp_with<A: Arithmetic>(self) -> Self {
        self.exp()
    }

    fn exp_below_zero<A: Arithmetic>(self) -> Self {
        self.exp()
    }

    fn ln_with<A: Arithmetic>(self) -> Self {
        self.ln()
    }

    fn tanh_with<A: Arithmetic>(self) -> Self {
        self.tanh()
    }

    fn sigmoid_with<A: Arithmetic>(self) -> Self {
        let e = (-self.abs()).exp();
        (if self < 0.0 { e } else { 1.0 }) / (1.0 + e)
    }

    fn erf_with<A: Arithmetic>(self) -> Self {
        erf::erf_f64(self)
    }

    fn erfc(self) -> Self {
        erf::erfc_f64(self)
    }

    fn erfinv(self) -> Self {
        erf::erfinv_f64(self)
    }

    fn normal_with<A: Arithmetic>(self) -> Self {
        0.5 * erf::erfc_f64(-self * FRAC_1_SQRT_2)
    }

    fn gelu_slope_with<A: Arithmetic>(self) -> Self {
        let e = (-0.5 * self * self).exp();
        // At infinity the product would be NaN.
        self.normal_with::<A>() + if e == 0.0 { 0.0 } else { self * e / TAU.sqrt() }
    }
}

/// `c[0] + c[1] x + c[2] x^2 + ..`, by Horner's rule.
#[inline(always)]
fn polynomial<A: Arithmetic, const N: usize>(x: f32, c: [f32; N]) -> f32 {
    let mut sum = c[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = A::mul_add(sum, x, c[i]);
    }
    sum
}
