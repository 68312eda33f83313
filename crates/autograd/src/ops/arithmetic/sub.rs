//! Subtraction.

use gradus_tensor::{Dims, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `a - b`, broadcasting.
#[track_caller]
pub(crate) fn sub<T: Float>(a: &Var<T>, b: &Var<T>) -> Var<T> {
    let rule = || Sub { a: a.dims(), b: b.dims() };
    Var::recorded(a.value() - b.value(), &[a, b], rule)
}

/// `da = g`, `db = -g`, each summed over what broadcasting repeated.
struct Sub {
    a: Dims,
    b: Dims,
}

impl<T: Float> Rule<T> for Sub {
    fn name(&self) -> &'static str {
        "sub"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![context.when_needed(0, || g.sum_to(&self.a)), context.when_needed(1, || -&g.sum_to(&self.b))]
    }
}
