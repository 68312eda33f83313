//! The sigmoid-weighted linear unit.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x sigmoid(x)` (Hendrycks and Gimpel, arXiv:1606.08415), also called swish.
    pub fn silu(&self) -> Self {
        Self::recorded(self.value().silu(), &[self], || Silu(self.clone()))
    }
}

/// `dx = g s (1 + x (1 - s))`, `s = sigmoid(x)`. Only x is saved.
struct Silu<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Silu<T> {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x) = (context.gradient(), &self.0);
        if !is_grad_enabled() {
            return smallvec![Some(Var::new(x.value().silu_gradient(g.value())))];
        }
        let s = &x.sigmoid();
        smallvec![Some(g * &(s + &(x * &(s - &(s * s)))))]
    }
}
