//! A learning rate that falls to 0 by a power.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require_not_negative, require_steps};
use crate::error::OptimError;

/// `base_lr (1 - step / total_iters)^power`, and 0 from step `total_iters` on
/// ([torch.optim.lr_scheduler.PolynomialLR]).
///
/// [torch.optim.lr_scheduler.PolynomialLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolynomialLR {
    /// Steps down to 0.
    pub total_iters: u64,
    /// The power: 1 is a line, above 1 falls faster at first. At least 0.
    pub power: f64,
}

/// PyTorch's: a line of 5 steps.
impl Default for PolynomialLR {
    fn default() -> Self {
        Self { total_iters: 5, power: 1.0 }
    }
}

impl Factor for PolynomialLR {
    const NAME: &'static str = "PolynomialLR";

    fn check(&self) -> Result<(), OptimError> {
        require_steps(Self::NAME, "total_iters", self.total_iters)?;
        require_not_negative(Self::NAME, "power", self.power)
    }

    fn factor(&self, step: u64) -> f64 {
        (1.0 - step.min(self.total_iters) as f64 / self.total_iters as f64).powf(self.power)
    }
}
