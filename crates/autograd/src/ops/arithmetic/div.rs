//! Division, by a tensor and by a number.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `a / b`, element by element, broadcasting.
#[track_caller]
pub(crate) fn div<T: Float>(a: &Var<T>, b: &Var<T>) -> Var<T> {
    Var::recorded(a.value() / b.value(), &[a, b], || Div { a: a.clone(), b: b.clone() })
}

/// `da = g / b`, `db = -g a / b^2`, each summed over what broadcasting repeated.
struct Div<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Div<T> {
    fn name(&self) -> &'static str {
        "div"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![
            context.when_needed(0, || (g / &self.b).sum_to(self.a.shape())),
            context.when_needed(1, || (-g * (&self.a / &self.b / &self.b)).sum_to(self.b.shape()))
        ]
    }
}

/// `a / number`: not `a` times its reciprocal, which rounds once more and overflows for tiny numbers.
pub(crate) fn div_scalar<T: Float>(a: &Var<T>, number: T) -> Var<T> {
    Var::recorded(a.value() / number, &[a], || DivScalar(number))
}

/// `da = g / number`.
struct DivScalar<T>(T);

impl<T: Float> Rule<T> for DivScalar<T> {
    fn name(&self) -> &'static str {
        "div_scalar"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / self.0)]
    }
}
