//! The reciprocal.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = 1 / x`.
    pub fn reciprocal(&self) -> Self {
        Self::recorded(self.value().map(|x| x.recip()), &[self], || Reciprocal)
    }
}

/// `dx = -g y^2`.
struct Reciprocal;

impl<T: Float> Rule<T> for Reciprocal {
    fn name(&self) -> &'static str {
        "reciprocal"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let y = context.output();
        smallvec![Some(-context.gradient() * (y * y))]
    }
}
