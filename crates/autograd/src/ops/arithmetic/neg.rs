//! The sign turned.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `-a`.
pub(crate) fn neg<T: Float>(a: &Var<T>) -> Var<T> {
    Var::recorded(-a.value(), &[a], || Neg)
}

/// `da = -g`.
struct Neg;

impl<T: Float> Rule<T> for Neg {
    fn name(&self) -> &'static str {
        "neg"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(-context.gradient())]
    }
}
