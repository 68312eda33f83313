//! AdamW: Adam with weight decay apart from the gradient.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::algorithms::adam::{self, Adam};
use crate::error::OptimError;
use crate::rule::Rule;

/// Adam whose weight decay shrinks the parameter itself, `p <- (1 - lr weight_decay) p`, before the step, and stays out
/// of the means ([torch.optim.AdamW]; Loshchilov and Hutter, ICLR 2019). The rest as in [`Adam`].
///
/// [torch.optim.AdamW]: https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamW {
    /// Learning rate.
    pub lr: f64,
    /// How slowly the mean of gradients, and that of their squares, forget.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// The part of itself that a parameter loses a step, times lr.
    pub weight_decay: f64,
}

/// PyTorch's: lr 1e-3, betas 0.9 and 0.999, eps 1e-8, weight decay 1e-2.
impl Default for AdamW {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 1e-2 }
    }
}

impl AdamW {
    fn adam(&self) -> Adam {
        Adam { lr: self.lr, betas: self.betas, eps: self.eps, weight_decay: self.weight_decay }
    }
}

impl Rule for AdamW {
    const NAME: &'static str = "adamw";

    fn slots(&self) -> &'static [&'static str] {
        adam::SLOTS
    }

    fn check(&self) -> Result<(), OptimError> {
        adam::check::<Self>(&self.adam())
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }

    #[inline(always)]
    fn update<T: Float>(&self, step: u64, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let kept = T::from_f64(1.0 - self.lr * self.weight_decay);
        adam::update(&self.adam(), step, param, grad, slots, |p, g| (p * kept, g));
    }
}
