//! Adagrad.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, require_not_negative};

/// Adagrad, as [torch.optim.Adagrad] has it (Duchi et al., JMLR 2011). At step t:
///
/// ```text
/// g <- g + weight_decay p
/// s <- s + g^2                       (s starts as initial_accumulator_value)
/// p <- p - lr / (1 + (t - 1) lr_decay)  g / (sqrt(s) + eps)
/// ```
///
/// 20 bytes a parameter pass through memory in f32.
///
/// [torch.optim.Adagrad]: https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adagrad {
    /// Learning rate.
    pub lr: f64,
    /// How fast the learning rate falls with the number of steps.
    pub lr_decay: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// What the sum of squares starts with.
    pub initial_accumulator_value: f64,
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-2, eps 1e-10, all else off.
impl Default for Adagrad {
    fn default() -> Self {
        Self { lr: 1e-2, lr_decay: 0.0, weight_decay: 0.0, initial_accumulator_value: 0.0, eps: 1e-10, maximize: false }
    }
}

impl Rule for Adagrad {
    const NAME: &'static str = "adagrad";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("differentiable", Some(false)), ("fused", None)];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        vec![Slot::filled("sum", shape, self.initial_accumulator_value)]
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_not_negative::<Self>("lr_decay", self.lr_decay)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)?;
        require_not_negative::<Self>("initial_accumulator_value", self.initial_accumulator_value)?;
        require_not_negative::<Self>("eps", self.eps)
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }
}

impl Elementwise for Adagrad {
    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let lr = T::from_f64(self.lr / (1.0 + (step.count - 1) as f64 * self.lr_decay));
        let [eps, weight_decay] = [self.eps, self.weight_decay].map(T::from_f64);
        let decays = self.weight_decay != 0.0;
        for ((p, &g), s) in param.iter_mut().zip(grad).zip(slots[0].iter_mut()) {
            let g = if decays { g + weight_decay * *p } else { g };
            *s += g * g;
            *p -= lr * g / (s.sqrt() + eps);
        }
    }
}
