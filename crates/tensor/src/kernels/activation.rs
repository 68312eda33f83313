//! Activations and their gradients, an element at a time.

use std::f64::consts::FRAC_2_PI;

use super::elementwise::{Binary, Unary};
use super::simd::Arithmetic;
use crate::element::Float;

/// Declares functions of one element, each `name: |x| body` with `A` in scope.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident: |$x:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl<T: Float> Unary<T, T> for $name {
            #[inline(always)]
            fn apply<A: Arithmetic>(&self, $x: T) -> T {
                $body
            }
        }
    )*};
}
unary! {
    /// `e^x`.
    Exp: |x| x.exp_with::<A>();
    /// The natural logarithm.
    Log: |x| x.ln_with::<A>();
    /// The hyperbolic tangent.
    Tanh: |x| x.tanh_with::<A>();
    /// `1 / (1 + e^-x)`.
    Sigmoid: |x| x.sigmoid_with::<A>();
    /// The error function.
    Erf: |x| x.erf_with::<A>();
    /// `x sigmoid(x)`.
    Silu: |x| x * x.sigmoid_with::<A>();
    /// `x P(x)`, P the share of the standard normal distribution below x.
    Gelu: |x| x * x.normal_with::<A>();
    /// `x sigmoid(2 u)`, `u = sqrt(2 / pi) (x + 0.044715 x^3)`: the same as `x (1 + tanh u) / 2`.
    GeluTanh: |x| x * twice_u::<T, A>(x).0.sigmoid_with::<A>();
}

/// Declares gradients, each `name: |v, g| body` of what was saved and the gradient of the output, with `A` in scope.
macro_rules! gradient {
    ($($(#[$doc:meta])* $name:ident: |$v:ident, $g:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl<T: Float> Binary<T, T, T> for $name {
            #[inline(always)]
            fn apply<A: Arithmetic>(&self, $v: T, $g: T) -> T {
                $body
            }
        }
    )*};
}
gradient! {
    /// Of [`Tanh`], from its output.
    TanhGradient: |y, g| g * A::mul_add(-y, y, T::one());
    /// Of [`Sigmoid`], from its output.
    SigmoidGradient: |y, g| g * (y * (T::one() - y));
    /// Of [`Silu`], from its input.
    SiluGradient: |x, g| {
        let s = x.sigmoid_with::<A>();
        g * (s * A::mul_add(x, T::one() - s, T::one()))
    };
    /// Of [`Gelu`], from its input.
    GeluGradient: |x, g| g * x.gelu_slope_with::<A>();
    /// Of [`GeluTanh`], from its input.
    GeluTanhGradient: |x, g| {
        let (u, slope) = twice_u::<T, A>(x);
        // Of the two sigmoids, of u and of -u, the smaller: what is left of 1 at the other's side would be rounded
        // away, and x times the slope is large there.
        let small = (-u.abs()).sigmoid_with::<A>();
        let s = if u < T::zero() { small } else { T::one() - small };
        // In this order: x times the slope may be infinite where the first product is 0.
        g * A::mul_add(x * (small * (T::one() - small)), slope, s)
    };
}

/// `2 u` and its derivative, `u = sqrt(2 / pi) (x + 0.044715 x^3)`.
#[inline(always)]
fn twice_u<T: Float, A: Arithmetic>(x: T) -> (T, T) {
    let linear = 2.0 * FRAC_2_PI.sqrt();
    let cubic = linear * 0.044_715;
    let square = x * x;
    let u = x * A::mul_add(square, T::from_f64(cubic), T::from_f64(linear));
    (u, A::mul_add(square, T::from_f64(3.0 * cubic), T::from_f64(linear)))
}
