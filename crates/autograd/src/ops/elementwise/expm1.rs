//! The exponential less 1.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = e^x - 1`, without the rounding of the power.
    pub fn expm1(&self) -> Self {
        Self::recorded(self.value().map(|x| x.exp_m1()), &[self], || Expm1)
    }
}

/// `dx = g (y + 1)`.
struct Expm1;

impl<T: Float> Rule<T> for Expm1 {
    fn name(&self) -> &'static str {
        "expm1"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &(context.output() + T::one()))]
    }
}
