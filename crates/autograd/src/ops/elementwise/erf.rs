//! The error function.

use std::f64::consts::FRAC_2_SQRT_PI;

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = erf x`, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to x.
    pub fn erf(&self) -> Self {
        Self::recorded(self.value().erf(), &[self], || Erf(self.clone()))
    }
}

/// `dx = g 2 / sqrt(pi) e^(-x^2)`.
struct Erf<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Erf<T> {
    fn name(&self) -> &'static str {
        "erf"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let slope = (-(&self.0 * &self.0)).exp() * T::from_f64(FRAC_2_SQRT_PI);
        smallvec![Some(context.gradient() * &slope)]
    }
}
