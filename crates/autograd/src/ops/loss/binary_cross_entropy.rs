//! Binary cross-entropy of probabilities.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// The least logarithm, as in PyTorch.
const LEAST: f64 = -100.0;

impl<T: Float> Var<T> {
    /// `-(target log(x) + (1 - target) log(1 - x))` of every element, the logarithms at least -100 (PyTorch's
    /// `functional.binary_cross_entropy` without reduction).
    ///
    /// # Panics
    /// If the shapes differ, or an element is not between 0 and 1.
    #[track_caller]
    pub fn binary_cross_entropy(&self, target: &Self) -> Self {
        assert!(
            self.shape() == target.shape(),
            "binary_cross_entropy: input {:?} and target {:?} must have one shape",
            self.shape(),
            target.shape()
        );
        let outside = self.value().map(|x| !(x >= T::zero() && x <= T::one()));
        assert!(outside.count() == 0, "binary_cross_entropy: an input is not between 0 and 1");
        let least = T::from_f64(LEAST);
        let value = self.value().zip_map(target.value(), "binary_cross_entropy", |x, t| {
            let (there, absent) = (x.ln().max(least), (-x).ln_1p().max(least));
            (t - T::one()) * absent - t * there
        });
        Self::recorded(value, &[self, target], || BinaryCrossEntropy { x: self.clone(), target: target.clone() })
    }
}

/// `dx = g (x - target) / (x (1 - x))`, the divisor at least 1e-12, and `dtarget = g (log(1 - x) - log(x))` with the
/// logarithms of the forward pass.
struct BinaryCrossEntropy<T: Float> {
    x: Var<T>,
    target: Var<T>,
}

impl<T: Float> Rule<T> for BinaryCrossEntropy<T> {
    fn name(&self) -> &'static str {
        "binary_cross_entropy"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x) = (context.gradient(), &self.x);
        let of_x = || {
            let divisor = (x - &(x * x)).clamp(Some(T::from_f64(1e-12)), None);
            g * &((x - &self.target) / divisor)
        };
        let of_target = || {
            let least = Some(T::from_f64(LEAST));
            g * &((-x).log1p().clamp(least, None) - x.log().clamp(least, None))
        };
        smallvec![context.when_needed(0, of_x), context.when_needed(1, of_target)]
    }
}
