//! The absolute value.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = |x|`. The gradient at 0 is 0, as in PyTorch.
    pub fn abs(&self) -> Self {
        Self::recorded(self.value().map(|x| x.abs()), &[self], || Abs(self.clone()))
    }
}

/// `dx = g sign(x)`.
struct Abs<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Abs<T> {
    fn name(&self) -> &'static str {
        "abs"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let sign = self.0.value().map(sign_of);
        smallvec![Some(context.gradient() * &Var::new(sign))]
    }
}

/// -1, 0 or 1; 0 of NaN, as in PyTorch.
pub(crate) fn sign_of<T: Float>(x: T) -> T {
    if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        T::zero()
    }
}
