//! A smaller learning rate for the first steps.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require, require_steps};
use crate::error::OptimError;

/// `base_lr factor` for `total_iters` steps, then `base_lr` ([torch.optim.lr_scheduler.ConstantLR]).
///
/// [torch.optim.lr_scheduler.ConstantLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstantLR {
    /// The factor of the first steps; from 0 to 1.
    pub factor: f64,
    /// How many steps these are.
    pub total_iters: u64,
}

/// PyTorch's: a third for 5 steps.
impl Default for ConstantLR {
    fn default() -> Self {
        Self { factor: 1.0 / 3.0, total_iters: 5 }
    }
}

impl Factor for ConstantLR {
    const NAME: &'static str = "ConstantLR";

    fn check(&self) -> Result<(), OptimError> {
        require(Self::NAME, (0.0..=1.0).contains(&self.factor), "factor", self.factor, "from 0 to 1")?;
        require_steps(Self::NAME, "total_iters", self.total_iters)
    }

    fn factor(&self, step: u64) -> f64 {
        if step < self.total_iters { self.factor } else { 1.0 }
    }
}
