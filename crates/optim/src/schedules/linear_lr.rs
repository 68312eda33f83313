//! A learning rate that changes evenly.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require, require_steps};
use crate::error::OptimError;

/// `base` times a factor that goes from `start_factor` to `end_factor` in `total_iters` even steps and stays there
/// ([torch.optim.lr_scheduler.LinearLR]).
///
/// [torch.optim.lr_scheduler.LinearLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearLR {
    /// The factor of step 0; above 0, at most 1.
    pub start_factor: f64,
    /// The factor of step `total_iters` and of all after it; from 0 to 1.
    pub end_factor: f64,
    /// Steps from one to the other.
    pub total_iters: u64,
}

/// PyTorch's: from a third to the whole in 5 steps.
impl Default for LinearLR {
    fn default() -> Self {
        Self { start_factor: 1.0 / 3.0, end_factor: 1.0, total_iters: 5 }
    }
}

impl Factor for LinearLR {
    const NAME: &'static str = "LinearLR";

    fn check(&self) -> Result<(), OptimError> {
        let (start, end) = (self.start_factor, self.end_factor);
        require(Self::NAME, start > 0.0 && start <= 1.0, "start_factor", start, "above 0 and at most 1")?;
        require(Self::NAME, (0.0..=1.0).contains(&end), "end_factor", end, "from 0 to 1")?;
        require_steps(Self::NAME, "total_iters", self.total_iters)
    }

    fn factor(&self, step: u64) -> f64 {
        let share = step.min(self.total_iters) as f64 / self.total_iters as f64;
        self.start_factor + (self.end_factor - self.start_factor) * share
    }
}
