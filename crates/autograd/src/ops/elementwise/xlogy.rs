//! A product with a logarithm.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x log(other)`, and 0 where x is 0 and other not NaN, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn xlogy(&self, other: &Self) -> Self {
        let value = self.value().zip_map(other.value(), "xlogy", xlogy);
        Self::recorded(value, &[self, other], || Xlogy { x: self.clone(), y: other.clone() })
    }
}

/// `dx = g log y`, 0 where x is 0 and y at most 0; `dy = g x / y`, each summed over what broadcasting repeated.
struct Xlogy<T: Float> {
    x: Var<T>,
    y: Var<T>,
}

impl<T: Float> Rule<T> for Xlogy<T> {
    fn name(&self) -> &'static str {
        "xlogy"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x, y) = (context.gradient(), &self.x, &self.y);
        let kept = x.eq(T::zero()).logical_and(&y.le(T::zero())).logical_not();
        smallvec![
            context.when_needed(0, || g.xlogy(y).where_(&kept, T::zero()).sum_to(x.shape())),
            context.when_needed(1, || (g * x / y).sum_to(y.shape()))
        ]
    }
}

fn xlogy<T: Float>(x: T, y: T) -> T {
    if x == T::zero() && !y.is_nan() { T::zero() } else { x * y.ln() }
}
