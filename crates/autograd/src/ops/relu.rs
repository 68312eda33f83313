//! The rectifier.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = max(x, 0)`; NaN stays NaN. The gradient at 0 is 0, as in PyTorch.
    pub fn relu(&self) -> Self {
        Self::from_operation(self.value().relu(), &[self], Relu)
    }
}

/// `dx = g` where `y > 0`, else 0.
struct Relu;

impl<T: Float> Rule<T> for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        // Where `y` is constant its own derivative is 0, so the mask is a constant, also for second derivatives.
        let mask = context.output().value().map(|y| if y <= T::zero() { T::zero() } else { T::one() });
        smallvec![Some(context.gradient() * &Var::new(mask))]
    }
}
