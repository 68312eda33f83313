//! Half a cosine down, again and again.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::rule::{Group, Rule, require_not_negative, require_steps};
use crate::error::OptimError;

/// `eta_min + (base_lr - eta_min) (1 + cos(pi t / period)) / 2`, t the epochs since the last restart
/// ([torch.optim.lr_scheduler.CosineAnnealingWarmRestarts]; SGDR, Loshchilov and Hutter, ICLR 2017). The first period
/// is `t_0` epochs long, each other `t_mult` times the one before.
///
/// Fractional epochs, which PyTorch takes as `scheduler.step(epoch + batch / batches)`, are `steps_per_epoch: batches`
/// and a schedule step after each batch.
///
/// [torch.optim.lr_scheduler.CosineAnnealingWarmRestarts]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineAnnealingWarmRestarts {
    /// Epochs up to the first restart; at least 1. PyTorch has no default.
    pub t_0: u64,
    /// How many times longer each period is than the one before; at least 1.
    pub t_mult: u64,
    /// The smallest learning rate.
    pub eta_min: f64,
    /// Schedule steps in an epoch; at least 1. Not in PyTorch.
    pub steps_per_epoch: u64,
}

/// PyTorch's: periods of one length down to 0, a step an epoch; `t_0` is to be given, and 0 is refused.
impl Default for CosineAnnealingWarmRestarts {
    fn default() -> Self {
        Self { t_0: 0, t_mult: 1, eta_min: 0.0, steps_per_epoch: 1 }
    }
}

impl CosineAnnealingWarmRestarts {
    /// Steps since the last restart, and steps to the next from there.
    fn position(&self, mut step: u64) -> (u64, u64) {
        let mut period = self.t_0.saturating_mul(self.steps_per_epoch);
        if self.t_mult == 1 {
            return (step % period, period);
        }
        while step >= period {
            step -= period;
            period = period.saturating_mul(self.t_mult);
        }
        (step, period)
    }
}

impl Rule for CosineAnnealingWarmRestarts {
    const NAME: &'static str = "CosineAnnealingWarmRestarts";

    fn check(&self) -> Result<(), OptimError> {
        require_steps(Self::NAME, "t_0", self.t_0)?;
        require_steps(Self::NAME, "t_mult", self.t_mult)?;
        require_not_negative(Self::NAME, "eta_min", self.eta_min)?;
        require_steps(Self::NAME, "steps_per_epoch", self.steps_per_epoch)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        let (step, period) = self.position(step);
        let [t, period] = [step, period].map(|steps| steps as f64 / self.steps_per_epoch as f64);
        self.eta_min + (group.base_lr - self.eta_min) * (1.0 + (PI * t / period).cos()) / 2.0
    }
}
