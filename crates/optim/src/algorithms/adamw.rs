//! AdamW: Adam with weight decay apart from the gradient.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::algorithms::adam::{self, Adam};
use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step};

/// Adam whose weight decay shrinks the parameter itself, `p <- (1 - lr weight_decay) p`, before the step, and stays out
/// of the means ([torch.optim.AdamW]; Loshchilov and Hutter, ICLR 2019). The rest as in [`Adam`]: 28 bytes a parameter
/// pass through memory in f32, 36 with amsgrad.
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
    /// Divides by the largest mean of squares so far.
    pub amsgrad: bool,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-3, betas 0.9 and 0.999, eps 1e-8, weight decay 1e-2, all else off.
impl Default for AdamW {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 1e-2, amsgrad: false, maximize: false }
    }
}

impl AdamW {
    #[inline(always)]
    fn adam(&self) -> Adam {
        let &Self { lr, betas, eps, weight_decay, amsgrad, maximize } = self;
        Adam { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay: true }
    }
}

impl Rule for AdamW {
    const NAME: &'static str = "adamw";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] = &[
        ("foreach", None),
        ("capturable", Some(false)),
        ("differentiable", Some(false)),
        ("fused", None),
        ("decoupled_weight_decay", Some(true)),
    ];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        self.adam().slots(shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        adam::check::<Self>(&self.adam())
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }
}

impl Elementwise for AdamW {
    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        self.adam().update(step, param, grad, slots);
    }
}
