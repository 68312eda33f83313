//! The natural logarithm of 1 + x.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(1 + x)`, without the rounding of the sum; NaN below -1.
    pub fn log1p(&self) -> Self {
        Self::recorded(self.value().map(|x| x.ln_1p()), &[self], || Log1p(self.clone()))
    }
}

/// `dx = g / (1 + x)`.
struct Log1p<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Log1p<T> {
    fn name(&self) -> &'static str {
        "log1p"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &(&self.0 + T::one()))]
    }
}
