//! Stochastic gradient descent.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, require, require_not_negative};

/// Stochastic gradient descent, with momentum as [torch.optim.SGD] has it.
///
/// ```text
/// g <- g + weight_decay p
/// b <- g at the first step, then momentum b + (1 - dampening) g
/// g <- g + momentum b with nesterov, else b        (where momentum > 0)
/// p <- p - lr g
/// ```
///
/// Momentum: Sutskever et al., ICML 2013. 12 bytes a parameter pass through memory in f32, 20 with momentum.
///
/// [torch.optim.SGD]: https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Learning rate.
    pub lr: f64,
    /// How much of the last step goes into the next.
    pub momentum: f64,
    /// How much of the gradient is held back from the momentum.
    pub dampening: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// Nesterov's momentum: looks one step ahead. Needs momentum, and no dampening.
    pub nesterov: bool,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-3, all else off.
impl Default for Sgd {
    fn default() -> Self {
        Self { lr: 1e-3, momentum: 0.0, dampening: 0.0, weight_decay: 0.0, nesterov: false, maximize: false }
    }
}

impl Rule for Sgd {
    const NAME: &'static str = "sgd";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("differentiable", Some(false)), ("fused", None)];
    const TORCH_STEP: bool = false;

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        if self.momentum == 0.0 { Vec::new() } else { Slot::zeros(&["momentum_buffer"], shape) }
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_not_negative::<Self>("momentum", self.momentum)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)?;
        require::<Self>(self.dampening.is_finite(), "dampening", self.dampening, "a finite number")?;
        let allowed = !self.nesterov || (self.momentum > 0.0 && self.dampening == 0.0);
        require::<Self>(allowed, "momentum", self.momentum, "above 0 for Nesterov momentum, with dampening 0")
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.momentum)
    }
}

impl Elementwise for Sgd {
    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [lr, momentum, weight_decay] = [self.lr, self.momentum, self.weight_decay].map(T::from_f64);
        let one_minus_dampening = T::from_f64(1.0 - self.dampening);
        let decayed = |p: T, g: T| if weight_decay == T::zero() { g } else { g + weight_decay * p };
        if momentum == T::zero() {
            return param.iter_mut().zip(grad).for_each(|(p, &g)| *p -= lr * decayed(*p, g));
        }
        for ((p, &g), b) in param.iter_mut().zip(grad).zip(slots[0].iter_mut()) {
            let g = decayed(*p, g);
            *b = if step.count == 1 { g } else { momentum * *b + one_minus_dampening * g };
            *p -= lr * if self.nesterov { g + momentum * *b } else { *b };
        }
    }
}
