//! The logistic function.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = 1 / (1 + e^-x)`.
    pub fn sigmoid(&self) -> Self {
        Self::recorded(self.value().sigmoid(), &[self], || Sigmoid)
    }
}

/// `dx = g y (1 - y)`.
struct Sigmoid;

impl<T: Float> Rule<T> for Sigmoid {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, y) = (context.gradient(), context.output());
        if !is_grad_enabled() {
            return smallvec![Some(Var::new(y.value().sigmoid_gradient(g.value())))];
        }
        smallvec![Some(g * &(y - &(y * y)))]
    }
}
