//! The natural logarithm.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(x)`, to base e; NaN below 0.
    pub fn log(&self) -> Self {
        Self::recorded(self.value().log(), &[self], || Log(self.clone()))
    }
}

/// `dx = g / x`.
struct Log<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Log<T> {
    fn name(&self) -> &'static str {
        "log"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &self.0)]
    }
}
