//! Hyperbolic sine and cosine.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = (e^x - e^-x) / 2`.
    pub fn sinh(&self) -> Self {
        Self::recorded(self.value().map(|x| x.sinh()), &[self], || Sinh(self.clone()))
    }

    /// `y = (e^x + e^-x) / 2`.
    pub fn cosh(&self) -> Self {
        Self::recorded(self.value().map(|x| x.cosh()), &[self], || Cosh(self.clone()))
    }
}

/// `dx = g cosh x`.
struct Sinh<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Sinh<T> {
    fn name(&self) -> &'static str {
        "sinh"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &self.0.cosh())]
    }
}

/// `dx = g sinh x`.
struct Cosh<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Cosh<T> {
    fn name(&self) -> &'static str {
        "cosh"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &self.0.sinh())]
    }
}
