//! The angle of a point.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The angle of the point (other, self), from -pi to pi, broadcasting. Its gradient at (0, 0) is 0, as in PyTorch.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn atan2(&self, other: &Self) -> Self {
        let value = self.value().zip_map(other.value(), "atan2", T::atan2);
        Self::recorded(value, &[self, other], || Atan2 { y: self.clone(), x: other.clone() })
    }
}

/// `dy = g x / (x^2 + y^2)`, `dx = -g y / (x^2 + y^2)`, each summed over what broadcasting repeated.
struct Atan2<T: Float> {
    y: Var<T>,
    x: Var<T>,
}

impl<T: Float> Rule<T> for Atan2<T> {
    fn name(&self) -> &'static str {
        "atan2"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, y, x) = (context.gradient(), &self.y, &self.x);
        let square = x.square() + y.square();
        let scale = &square.reciprocal().where_(&square.ne(T::zero()), T::zero());
        smallvec![
            context.when_needed(0, || (g * &(x * scale)).sum_to(y.shape())),
            context.when_needed(1, || (-g * (y * scale)).sum_to(x.shape()))
        ]
    }
}
