//! Addition, of tensors and of a number.

use gradus_tensor::Float;
use smallvec::smallvec;

use super::broadcast::Broadcast;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `a + b`, broadcasting.
#[track_caller]
pub(crate) fn add<T: Float>(a: &Var<T>, b: &Var<T>) -> Var<T> {
    Var::recorded(a.value() + b.value(), &[a, b], || Add(Broadcast::of(a, b)))
}

/// `da = g`, `db = g`, each summed over what broadcasting repeated.
struct Add(Broadcast);

impl<T: Float> Rule<T> for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![context.when_needed(0, || self.0.undo(g, 0)), context.when_needed(1, || self.0.undo(g, 1))]
    }
}

/// `a + number`.
pub(crate) fn add_scalar<T: Float>(a: &Var<T>, number: T) -> Var<T> {
    Var::recorded(a.value() + number, &[a], || AddScalar)
}

/// `da = g`.
struct AddScalar;

impl<T: Float> Rule<T> for AddScalar {
    fn name(&self) -> &'static str {
        "add_scalar"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().clone())]
    }
}
