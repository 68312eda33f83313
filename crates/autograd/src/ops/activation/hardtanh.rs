//! Values held between bounds, with no gradient at the bounds.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = min(max(x, min), max)`; NaN stays NaN. PyTorch's defaults are -1 and 1. The gradient at a bound is 0, as in
    /// PyTorch.
    ///
    /// # Panics
    /// If `min` is above `max`.
    #[track_caller]
    pub fn hardtanh(&self, min: f64, max: f64) -> Self {
        assert!(min <= max, "hardtanh: lower bound {min} is above upper bound {max}");
        let (min, max) = (T::from_f64(min), T::from_f64(max));
        let value = self.value().map(|x| {
            let x = if x < min { min } else { x };
            if x > max { max } else { x }
        });
        Self::recorded(value, &[self], || Hardtanh { x: self.clone(), min, max })
    }

    /// `y = min(max(x, 0), 6)`: [`hardtanh`](Self::hardtanh) between 0 and 6.
    pub fn relu6(&self) -> Self {
        self.hardtanh(0.0, 6.0)
    }
}

/// `dx = 0` where `x <= min` or `x >= max`, else g.
struct Hardtanh<T: Float> {
    x: Var<T>,
    min: T,
    max: T,
}

impl<T: Float> Rule<T> for Hardtanh<T> {
    fn name(&self) -> &'static str {
        "hardtanh"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (min, max) = (self.min, self.max);
        let held = self.x.value().map(move |x| x <= min || x >= max);
        smallvec![Some(context.gradient().where_(&held.logical_not(), T::zero()))]
    }
}
