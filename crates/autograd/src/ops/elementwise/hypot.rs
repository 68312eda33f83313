//! The length of the hypotenuse.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `sqrt(x^2 + other^2)`, without overflow, broadcasting. Its gradient at (0, 0) is NaN, as in PyTorch.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn hypot(&self, other: &Self) -> Self {
        let value = self.value().zip_map(other.value(), "hypot", T::hypot);
        Self::recorded(value, &[self, other], || Hypot { a: self.clone(), b: other.clone() })
    }
}

/// `da = g a / y`, `db = g b / y`, each summed over what broadcasting repeated.
struct Hypot<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Hypot<T> {
    fn name(&self) -> &'static str {
        "hypot"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, a, b, y) = (context.gradient(), &self.a, &self.b, context.output());
        smallvec![
            context.when_needed(0, || (g * &(a / y)).sum_to(a.shape())),
            context.when_needed(1, || (g * &(b / y)).sum_to(b.shape()))
        ]
    }
}
