//! Sine, cosine and tangent.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = sin x`, x in radians.
    pub fn sin(&self) -> Self {
        Self::recorded(self.value().map(|x| x.sin()), &[self], || Sin(self.clone()))
    }

    /// `y = cos x`, x in radians.
    pub fn cos(&self) -> Self {
        Self::recorded(self.value().map(|x| x.cos()), &[self], || Cos(self.clone()))
    }

    /// `y = tan x`, x in radians.
    pub fn tan(&self) -> Self {
        Self::recorded(self.value().map(|x| x.tan()), &[self], || Tan)
    }
}

/// `dx = g cos x`.
struct Sin<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Sin<T> {
    fn name(&self) -> &'static str {
        "sin"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &self.0.cos())]
    }
}

/// `dx = -g sin x`.
struct Cos<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Cos<T> {
    fn name(&self) -> &'static str {
        "cos"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(-context.gradient() * self.0.sin())]
    }
}

/// `dx = g (1 + y^2)`.
struct Tan;

impl<T: Float> Rule<T> for Tan {
    fn name(&self) -> &'static str {
        "tan"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &(context.output().square() + T::one()))]
    }
}
