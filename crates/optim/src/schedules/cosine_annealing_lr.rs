//! Half a cosine down, and up again.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::rule::{Group, Rule, require_not_negative, require_steps};
use crate::error::OptimError;

/// `eta_min + (base_lr - eta_min) (1 + cos(pi step / t_max)) / 2` ([torch.optim.lr_scheduler.CosineAnnealingLR]).
///
/// It does not stay at `eta_min` after `t_max` steps but climbs back to `base_lr`, with a period of `2 t_max`, as
/// PyTorch's does: choose `t_max` as long as training is.
///
/// [torch.optim.lr_scheduler.CosineAnnealingLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineAnnealingLR {
    /// Steps down to `eta_min`; at least 1. PyTorch has no default.
    pub t_max: u64,
    /// The smallest learning rate.
    pub eta_min: f64,
}

/// PyTorch's `eta_min` of 0; `t_max` is to be given, and 0 is refused.
impl Default for CosineAnnealingLR {
    fn default() -> Self {
        Self { t_max: 0, eta_min: 0.0 }
    }
}

impl CosineAnnealingLR {
    /// `1 + cos(pi step / t_max)`.
    fn height(&self, step: u64) -> f64 {
        1.0 + (PI * step as f64 / self.t_max as f64).cos()
    }
}

impl Rule for CosineAnnealingLR {
    const NAME: &'static str = "CosineAnnealingLR";

    fn check(&self) -> Result<(), OptimError> {
        require_steps(Self::NAME, "t_max", self.t_max)?;
        require_not_negative(Self::NAME, "eta_min", self.eta_min)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        self.eta_min + (group.base_lr - self.eta_min) * self.height(step) / 2.0
    }

    /// The distance from `eta_min` shrinks and grows with the cosine; the first step up from the bottom, where that
    /// distance is 0, adds a part of `base_lr`.
    fn chain(&self, group: Group, step: u64, lr: f64) -> f64 {
        let period = self.t_max.saturating_mul(2);
        if step == 0 {
            lr
        } else if (step - 1) % period == self.t_max {
            lr + (group.base_lr - self.eta_min) * (1.0 - (PI / self.t_max as f64).cos()) / 2.0
        } else {
            self.height(step) / self.height(step - 1) * (lr - self.eta_min) + self.eta_min
        }
    }
}
