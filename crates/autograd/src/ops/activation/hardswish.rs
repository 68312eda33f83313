//! Swish and the logistic function by straight lines.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x min(max(x + 3, 0), 6) / 6` (Howard et al., arXiv:1905.02244). The gradient is 0 at -3 and 1 at 3, as in
    /// PyTorch.
    pub fn hardswish(&self) -> Self {
        let value = self.value().map(|x| x * relu6_of_shifted(x) / T::from_f64(6.0));
        Self::recorded(value, &[self], || Hardswish(self.clone()))
    }

    /// `y = min(max(x + 3, 0), 6) / 6`. The gradient at -3 and 3 is 0, as in PyTorch.
    pub fn hardsigmoid(&self) -> Self {
        let value = self.value().map(|x| relu6_of_shifted(x) / T::from_f64(6.0));
        Self::recorded(value, &[self], || Hardsigmoid(self.clone()))
    }
}

/// `dx = 0` where `x <= -3`, `g (x / 3 + 1 / 2)` below 3, else g.
struct Hardswish<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Hardswish<T> {
    fn name(&self) -> &'static str {
        "hardswish"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x, three) = (context.gradient(), &self.0, T::from_f64(3.0));
        let below = x.lt(three);
        // Where the slope is not chosen it is of 0: NaN would spoil the second derivative.
        let slope = x.where_(&below, T::zero()) / three + T::from_f64(0.5);
        let upper = (g * &slope).where_(&below, g);
        smallvec![Some(upper.where_(&x.le(-three).logical_not(), T::zero()))]
    }
}

/// `dx = g / 6` between -3 and 3, else 0. PyTorch's sixth is that of `f32` in `f64` too, and so is this one.
struct Hardsigmoid<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Hardsigmoid<T> {
    fn name(&self) -> &'static str {
        "hardsigmoid"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, three) = (context.gradient(), T::from_f64(3.0));
        let inside = self.0.value().map(move |x| x > -three && x < three);
        smallvec![Some((g * T::from_f64((1.0f32 / 6.0).into())).where_(&inside, T::zero()))]
    }
}

/// `min(max(x + 3, 0), 6)`; NaN stays NaN.
fn relu6_of_shifted<T: Float>(x: T) -> T {
    let (shifted, six) = (x + T::from_f64(3.0), T::from_f64(6.0));
    if shifted < T::zero() {
        T::zero()
    } else if shifted > six {
        six
    } else {
        shifted
    }
}
