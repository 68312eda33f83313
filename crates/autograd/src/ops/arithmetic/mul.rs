//! Multiplication, by a tensor and by a number.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `a b`, element by element, broadcasting.
#[track_caller]
pub(crate) fn mul<T: Float>(a: &Var<T>, b: &Var<T>) -> Var<T> {
    Var::recorded(a.value() * b.value(), &[a, b], || Mul { a: a.clone(), b: b.clone() })
}

/// `da = g b`, `db = g a`, each summed over what broadcasting repeated.
struct Mul<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Mul<T> {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![
            context.when_needed(0, || (g * &self.b).sum_to(self.a.shape())),
            context.when_needed(1, || (g * &self.a).sum_to(self.b.shape()))
        ]
    }
}

/// `a number`.
pub(crate) fn mul_scalar<T: Float>(a: &Var<T>, number: T) -> Var<T> {
    Var::recorded(a.value() * number, &[a], || MulScalar(number))
}

/// `da = g number`.
struct MulScalar<T>(T);

impl<T: Float> Rule<T> for MulScalar<T> {
    fn name(&self) -> &'static str {
        "mul_scalar"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * self.0)]
    }
}
