//! The sine over its argument.

use std::f64::consts::PI;

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = sin(pi x) / (pi x)`, and 1 at 0.
    pub fn sinc(&self) -> Self {
        Self::recorded(self.value().map(sinc), &[self], || Sinc(self.clone()))
    }
}

/// `dx = g (cos(pi x) - y) / x`, and 0 at 0.
struct Sinc<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Sinc<T> {
    fn name(&self) -> &'static str {
        "sinc"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x) = (context.gradient(), &self.0);
        let z = &(x * T::from_f64(PI));
        // It underflows before x does.
        let divisor = x * z;
        let slope = (z * &z.cos() - z.sin()) / &divisor;
        smallvec![Some((g * &slope).where_(&divisor.ne(T::zero()), T::zero()))]
    }
}

fn sinc<T: Float>(x: T) -> T {
    let z = x * T::from_f64(PI);
    if x == T::zero() { T::one() } else { z.sin() / z }
}
