//! A smaller learning rate every so many steps.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require_not_negative, require_steps};
use crate::error::OptimError;

/// `base gamma^(step / step_size)`, the quotient rounded down ([torch.optim.lr_scheduler.StepLR]).
///
/// [torch.optim.lr_scheduler.StepLR]: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepLR {
    /// Steps between changes.
    pub step_size: u64,
    /// What the learning rate is multiplied with.
    pub gamma: f64,
}

/// PyTorch's gamma of 0.1, every step.
impl Default for StepLR {
    fn default() -> Self {
        Self { step_size: 1, gamma: 0.1 }
    }
}

impl Factor for StepLR {
    const NAME: &'static str = "StepLR";

    fn check(&self) -> Result<(), OptimError> {
        require_steps(Self::NAME, "step_size", self.step_size)?;
        require_not_negative(Self::NAME, "gamma", self.gamma)
    }

    fn factor(&self, step: u64) -> f64 {
        self.gamma.powf((step / self.step_size) as f64)
    }
}
