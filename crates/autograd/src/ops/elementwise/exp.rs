//! The exponential.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = e^x`.
    pub fn exp(&self) -> Self {
        Self::recorded(self.value().exp(), &[self], || Exp)
    }
}

/// `dx = g y`.
struct Exp;

impl<T: Float> Rule<T> for Exp {
    fn name(&self) -> &'static str {
        "exp"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * context.output())]
    }
}
