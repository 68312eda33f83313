//! Inverse hyperbolic sine, cosine and tangent.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(x + sqrt(x^2 + 1))`.
    pub fn asinh(&self) -> Self {
        Self::recorded(self.value().map(|x| x.asinh()), &[self], || Asinh(self.clone()))
    }

    /// `y = log(x + sqrt(x^2 - 1))`; NaN below 1.
    pub fn acosh(&self) -> Self {
        Self::recorded(self.value().map(|x| x.acosh()), &[self], || Acosh(self.clone()))
    }

    /// `y = log((1 + x) / (1 - x)) / 2`; infinite at -1 and 1, NaN beyond.
    pub fn atanh(&self) -> Self {
        Self::recorded(self.value().map(|x| x.atanh()), &[self], || Atanh(self.clone()))
    }
}

/// `dx = g / sqrt(x^2 + 1)`.
struct Asinh<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Asinh<T> {
    fn name(&self) -> &'static str {
        "asinh"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &(self.0.square() + T::one()).rsqrt())]
    }
}

/// `dx = g / sqrt(x^2 - 1)`.
struct Acosh<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Acosh<T> {
    fn name(&self) -> &'static str {
        "acosh"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &(self.0.square() - T::one()).rsqrt())]
    }
}

/// `dx = g / (1 - x^2)`.
struct Atanh<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Atanh<T> {
    fn name(&self) -> &'static str {
        "atanh"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &(-self.0.square() + T::one()))]
    }
}
