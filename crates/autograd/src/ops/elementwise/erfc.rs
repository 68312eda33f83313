//! The complement of the error function.

use std::f64::consts::FRAC_2_SQRT_PI;

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = 1 - erf x`, with all digits where it is small.
    pub fn erfc(&self) -> Self {
        Self::recorded(self.value().erfc(), &[self], || Erfc(self.clone()))
    }
}

/// `dx = -g 2 / sqrt(pi) e^(-x^2)`.
struct Erfc<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Erfc<T> {
    fn name(&self) -> &'static str {
        "erfc"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let slope = (-self.0.square()).exp() * T::from_f64(-FRAC_2_SQRT_PI);
        smallvec![Some(context.gradient() * &slope)]
    }
}
