//! The hyperbolic tangent.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = tanh x`.
    pub fn tanh(&self) -> Self {
        Self::recorded(self.value().tanh(), &[self], || Tanh)
    }
}

/// `dx = g (1 - y^2)`.
struct Tanh;

impl<T: Float> Rule<T> for Tanh {
    fn name(&self) -> &'static str {
        "tanh"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, y) = (context.gradient(), context.output());
        if !is_grad_enabled() {
            return smallvec![Some(Var::new(y.value().tanh_gradient(g.value())))];
        }
        smallvec![Some(g - &(g * &(y * y)))]
    }
}
