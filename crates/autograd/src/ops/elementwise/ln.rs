//! The natural logarithm.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(x)`, to base e (PyTorch's `log`); NaN below 0.
    pub fn ln(&self) -> Self {
        Self::recorded(self.value().ln(), &[self], || Ln(self.clone()))
    }
}

/// `dx = g / x`.
struct Ln<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Ln<T> {
    fn name(&self) -> &'static str {
        "ln"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &self.0)]
    }
}
