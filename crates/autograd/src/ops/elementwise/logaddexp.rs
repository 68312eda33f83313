//! The logarithm of a sum of exponentials.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `log(e^x + e^other)`, without overflow, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn logaddexp(&self, other: &Self) -> Self {
        let value = self.value().zip_map(other.value(), "logaddexp", logaddexp);
        Self::recorded(value, &[self, other], || Logaddexp { a: self.clone(), b: other.clone() })
    }
}

/// `da = g / (1 + e^(b - a))`, `db = g / (1 + e^(a - b))`, each summed over what broadcasting repeated.
struct Logaddexp<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Logaddexp<T> {
    fn name(&self) -> &'static str {
        "logaddexp"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, a, b) = (context.gradient(), &self.a, &self.b);
        smallvec![
            context.when_needed(0, || (g * &(a - b).sigmoid()).sum_to(a.shape())),
            context.when_needed(1, || (g * &(b - a).sigmoid()).sum_to(b.shape()))
        ]
    }
}

fn logaddexp<T: Float>(a: T, b: T) -> T {
    // Equal infinities have no difference.
    if a == b && a.is_infinite() { a } else { a.max(b) + (-(a - b).abs()).exp().ln_1p() }
}
