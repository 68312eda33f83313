//! Lion.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, require_betas, require_not_negative};

/// Lion (Chen et al., 2023, [arXiv:2302.06675], program 2), whose steps have one size everywhere:
///
/// ```text
/// p <- (1 - lr weight_decay) p
/// p <- p - lr sign(beta1 m + (1 - beta1) g)
/// m <- beta2 m + (1 - beta2) g
/// ```
///
/// The sign of a number that is none is not a number: it stays visible. 20 bytes a parameter pass through memory in
/// f32.
///
/// [arXiv:2302.06675]: https://arxiv.org/abs/2302.06675
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lion {
    /// Learning rate: 3 to 10 times smaller than Adam's.
    pub lr: f64,
    /// How slowly the mean of gradients forgets: in the step, and in what is kept.
    pub betas: [f64; 2],
    /// The part of itself that a parameter loses a step, times lr: 3 to 10 times larger than AdamW's.
    pub weight_decay: f64,
}

/// The paper's program: lr 1e-4, betas 0.9 and 0.99, no weight decay.
impl Default for Lion {
    fn default() -> Self {
        Self { lr: 1e-4, betas: [0.9, 0.99], weight_decay: 0.0 }
    }
}

impl Rule for Lion {
    const NAME: &'static str = "lion";

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        Slot::zeros(&["exp_avg"], shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_betas::<Self>(self.betas)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }
}

impl Elementwise for Lion {
    #[inline(always)]
    fn update<T: Float>(&self, _step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [lr, kept] = [self.lr, 1.0 - self.lr * self.weight_decay].map(T::from_f64);
        let [[beta1, beta2], [rest1, rest2]] =
            [self.betas, self.betas.map(|beta| 1.0 - beta)].map(|b| b.map(T::from_f64));
        for ((p, &g), m) in param.iter_mut().zip(grad).zip(slots[0].iter_mut()) {
            let direction = beta1 * *m + rest1 * g;
            let positive = if direction > T::zero() { lr } else { T::zero() };
            let negative = if direction < T::zero() { lr } else { T::zero() };
            let step = if direction.is_nan() { direction } else { positive - negative };
            *p = kept * *p - step;
            *m = beta2 * *m + rest2 * g;
        }
    }
}
