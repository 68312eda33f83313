//! The reciprocal of the square root.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = 1 / sqrt(x)`; NaN below 0, infinite at 0.
    pub fn rsqrt(&self) -> Self {
        Self::recorded(self.value().map(|x| x.sqrt().recip()), &[self], || Rsqrt)
    }
}

/// `dx = -g y^3 / 2`.
struct Rsqrt;

impl<T: Float> Rule<T> for Rsqrt {
    fn name(&self) -> &'static str {
        "rsqrt"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let y = context.output();
        smallvec![Some(context.gradient() * T::from_f64(-0.5) * y.pow(T::from_f64(3.0)))]
    }
}
