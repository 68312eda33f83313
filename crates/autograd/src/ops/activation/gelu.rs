//! The Gaussian error linear unit.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, TAU};

use gradus_tensor::{Float, GeluApproximation};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x (1 + erf(x / sqrt(2))) / 2` (Hendrycks and Gimpel, arXiv:1606.08415), or its approximation by tanh
    /// (PyTorch's `functional.gelu`).
    pub fn gelu(&self, approximation: GeluApproximation) -> Self {
        Self::recorded(self.value().gelu(approximation), &[self], || Gelu { x: self.clone(), approximation })
    }
}

/// `dx = g (P(x) + x p(x))`, P and p the standard normal distribution and its density; of the approximation, its own
/// derivative. Only x is saved.
struct Gelu<T: Float> {
    x: Var<T>,
    approximation: GeluApproximation,
}

impl<T: Float> Rule<T> for Gelu<T> {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x) = (context.gradient(), &self.x);
        if !is_grad_enabled() {
            return smallvec![Some(Var::new(x.value().gelu_gradient(g.value(), self.approximation)))];
        }
        let number = T::from_f64;
        let square = &(x * x);
        // y = x s; dx = g (s + x s'), from operations that have gradients of their own.
        let (s, slope) = match self.approximation {
            GeluApproximation::None => (
                ((x * number(FRAC_1_SQRT_2)).erf() + T::one()) * number(0.5),
                (square * number(-0.5)).exp() * number(1.0 / TAU.sqrt()),
            ),
            GeluApproximation::Tanh => {
                let linear = 2.0 * FRAC_2_PI.sqrt();
                let cubic = linear * 0.044_715;
                let s = (x * &(square * number(cubic) + number(linear))).sigmoid();
                let slope = (&s - &(&s * &s)) * (square * number(3.0 * cubic) + number(linear));
                (s, slope)
            }
        };
        smallvec![Some(g * &(s + x * &slope))]
    }
}
