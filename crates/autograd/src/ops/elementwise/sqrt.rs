//! The square root.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = sqrt(x)`; NaN below 0. The gradient at 0 is infinite, as in PyTorch.
    pub fn sqrt(&self) -> Self {
        Self::recorded(self.value().sqrt(), &[self], || Sqrt)
    }
}

/// `dx = g / (2 y)`.
struct Sqrt;

impl<T: Float> Rule<T> for Sqrt {
    fn name(&self) -> &'static str {
        "sqrt"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &(context.output() * T::from_f64(2.0)))]
    }
}
