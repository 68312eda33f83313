//! Subtraction.

use gradus_tensor::Float;
use smallvec::smallvec;

use super::broadcast::Broadcast;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `a - b`, broadcasting.
#[track_caller]
pub(crate) fn sub<T: Float>(a: &Var<T>, b: &Var<T>) -> Var<T> {
    Var::recorded(a.value() - b.value(), &[a, b], || Sub(Broadcast::of(a, b)))
}

/// `da = g`, `db = -g`, each summed over what broadcasting repeated.
struct Sub(Broadcast);

impl<T: Float> Rule<T> for Sub {
    fn name(&self) -> &'static str {
        "sub"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![context.when_needed(0, || self.0.undo(g, 0)), context.when_needed(1, || -&self.0.undo(g, 1))]
    }
}
