//! The larger and the smaller of two variables, element by element.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `max(x, other)` of each two elements, broadcasting; NaN where either is. Equals share the gradient by halves, as
    /// in PyTorch.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn maximum(&self, other: &Self) -> Self {
        let larger = |a: T, b: T| if a > b || a.is_nan() { a } else { b };
        let value = self.value().zip_map(other.value(), "maximum", larger);
        Self::recorded(value, &[self, other], || Maximum { a: self.clone(), b: other.clone() })
    }

    /// `min(x, other)` of each two elements; otherwise as [`maximum`](Self::maximum).
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn minimum(&self, other: &Self) -> Self {
        let smaller = |a: T, b: T| if a < b || a.is_nan() { a } else { b };
        let value = self.value().zip_map(other.value(), "minimum", smaller);
        Self::recorded(value, &[self, other], || Minimum { a: self.clone(), b: other.clone() })
    }
}

/// `da = g` where a is the larger, `g / 2` where both are equal, else 0; `db` the other way round.
struct Maximum<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Maximum<T> {
    fn name(&self) -> &'static str {
        "maximum"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, a, b) = (context.gradient(), &self.a, &self.b);
        smallvec![context.when_needed(0, || share(g, a, b, true)), context.when_needed(1, || share(g, b, a, true))]
    }
}

/// `da = g` where a is the smaller, `g / 2` where both are equal, else 0; `db` the other way round.
struct Minimum<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Minimum<T> {
    fn name(&self) -> &'static str {
        "minimum"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, a, b) = (context.gradient(), &self.a, &self.b);
        smallvec![context.when_needed(0, || share(g, a, b, false)), context.when_needed(1, || share(g, b, a, false))]
    }
}

/// What of `g` goes to `own`, where the larger or the smaller of it and `other` was taken.
fn share<T: Float>(g: &Var<T>, own: &Var<T>, other: &Var<T>, larger: bool) -> Var<T> {
    let halved = g.where_(&own.ne(other), &(g * T::from_f64(0.5)));
    let lost = if larger { own.lt(other) } else { own.gt(other) };
    halved.where_(&lost.logical_not(), T::zero()).sum_to(own.shape())
}
