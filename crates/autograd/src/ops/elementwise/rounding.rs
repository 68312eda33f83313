//! Whole numbers near by, the sign, and what is behind the point.

use gradus_tensor::{Float, Tensor};
use smallvec::smallvec;

use super::abs::sign_of;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The largest whole number not above x. Its gradient is 0, also at jumps, as in PyTorch.
    pub fn floor(&self) -> Self {
        self.stepped(|x| x.floor())
    }

    /// The smallest whole number not below x. Its gradient is 0.
    pub fn ceil(&self) -> Self {
        self.stepped(|x| x.ceil())
    }

    /// The nearest whole number, halves to the even one. Its gradient is 0.
    pub fn round(&self) -> Self {
        self.stepped(round_half_to_even)
    }

    /// The whole number next to x towards 0. Its gradient is 0.
    pub fn trunc(&self) -> Self {
        self.stepped(|x| x.trunc())
    }

    /// -1, 0 or 1, and 0 of NaN, as in PyTorch. Its gradient is 0.
    pub fn sign(&self) -> Self {
        self.stepped(sign_of)
    }

    /// `x - trunc(x)`, of the sign of x. Its gradient is 1, also at jumps, as in PyTorch.
    pub fn frac(&self) -> Self {
        self - &self.trunc()
    }

    fn stepped(&self, f: impl Fn(T) -> T + Sync) -> Self {
        Self::recorded(self.value().map(f), &[self], || Step)
    }
}

/// Of functions that are constant between jumps: `dx = 0`.
struct Step;

impl<T: Float> Rule<T> for Step {
    fn name(&self) -> &'static str {
        "step"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(Var::new(Tensor::zeros(context.gradient().shape())))]
    }
}

fn round_half_to_even<T: Float>(x: T) -> T {
    let half = T::from_f64(0.5);
    if (x - x.trunc()).abs() == half { (x * half).round() * T::from_f64(2.0) } else { x.round() }
}
