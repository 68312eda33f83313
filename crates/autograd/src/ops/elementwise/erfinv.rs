//! The inverse of the error function.

use std::f64::consts::FRAC_2_SQRT_PI;

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The y with `erf y = x`: infinite at -1 and 1, NaN beyond.
    pub fn erfinv(&self) -> Self {
        Self::recorded(self.value().erfinv(), &[self], || Erfinv)
    }
}

/// `dx = g sqrt(pi) / 2 e^(y^2)`.
struct Erfinv;

impl<T: Float> Rule<T> for Erfinv {
    fn name(&self) -> &'static str {
        "erfinv"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let slope = context.output().square().exp() * T::from_f64(1.0 / FRAC_2_SQRT_PI);
        smallvec![Some(context.gradient() * &slope)]
    }
}
