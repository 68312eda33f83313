//! Values held between bounds.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = min(max(x, min), max)`, without a bound that is not given; NaN stays NaN. Where `min > max`, `y = max`.
    /// The gradient at a bound is 0, as in PyTorch 2.15.
    ///
    /// # Panics
    /// If no bound is given.
    #[track_caller]
    pub fn clamp(&self, min: Option<T>, max: Option<T>) -> Self {
        assert!(min.is_some() || max.is_some(), "clamp: neither min nor max is given");
        let (low, high) = (min.unwrap_or(T::neg_infinity()), max.unwrap_or(T::infinity()));
        let value = self.value().map(|x| {
            let x = if x < low { low } else { x };
            if x > high { high } else { x }
        });
        Self::recorded(value, &[self], || Clamp { x: self.clone(), min, max })
    }
}

/// `dx = g` where `min < x < max`, else 0, also for NaN. Infinity is below a bound that is not given.
struct Clamp<T: Float> {
    x: Var<T>,
    min: Option<T>,
    max: Option<T>,
}

impl<T: Float> Rule<T> for Clamp<T> {
    fn name(&self) -> &'static str {
        "clamp"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (min, max) = (self.min, self.max);
        let inside =
            self.x.value().map(move |x| !x.is_nan() && min.is_none_or(|min| x > min) && max.is_none_or(|max| x < max));
        smallvec![Some(context.gradient().where_(&inside, T::zero()))]
    }
}
