//! The way to the constant learning rate of stochastic weight averaging.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::one_cycle_lr::Anneal;
use super::rule::{Group, Rule, require_not_negative};
use crate::error::OptimError;

/// From the learning rate that it finds to `swa_lr` in `anneal_epochs` steps, and `swa_lr` after that
/// ([torch.optim.swa_utils.SWALR]): `swa_lr a + lr (1 - a)` with `a` the share of the way, or `(1 - cos(pi share)) /
/// 2`.
///
/// The second of two in a [`SequentialLR`](super::sequential_lr::SequentialLR), its way begins where the first has come
/// to.
///
/// [torch.optim.swa_utils.SWALR]: https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SWALR {
    /// The learning rate at the end. PyTorch has no default.
    pub swa_lr: f64,
    /// Steps on the way; 0 is there at once.
    pub anneal_epochs: u64,
    /// The form of the way.
    pub anneal_strategy: Anneal,
}

/// PyTorch's: half a cosine of 10 steps; `swa_lr` is to be given.
impl Default for SWALR {
    fn default() -> Self {
        Self { swa_lr: 0.0, anneal_epochs: 10, anneal_strategy: Anneal::Cos }
    }
}

impl SWALR {
    /// How much of the learning rate is `swa_lr` after `step` steps.
    fn part(&self, step: u64) -> f64 {
        if self.anneal_epochs == 0 {
            return 1.0;
        }
        let share = (step as f64 / self.anneal_epochs as f64).min(1.0);
        match self.anneal_strategy {
            Anneal::Cos => (1.0 - (PI * share).cos()) / 2.0,
            Anneal::Linear => share,
        }
    }
}

impl Rule for SWALR {
    const NAME: &'static str = "SWALR";

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative(Self::NAME, "swa_lr", self.swa_lr)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        let part = self.part(step);
        self.swa_lr * part + group.base_lr * (1.0 - part)
    }

    /// From `lr`, whoever left it there: the start of the way is worked out from it.
    fn advance(&self, _group: Group, step: u64, lr: f64) -> f64 {
        let before = self.part(step.saturating_sub(1));
        let start = if before == 1.0 { self.swa_lr } else { (lr - self.swa_lr * before) / (1.0 - before) };
        let part = self.part(step);
        self.swa_lr * part + start * (1.0 - part)
    }

    fn enter(&self, group: Group, lr: f64) -> f64 {
        self.advance(group, 0, lr)
    }
}
