//! A learning rate that shrinks at every step.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require_not_negative};
use crate::error::OptimError;

/// `base_lr gamma^step` ([torch.optim.lr_scheduler.ExponentialLR]).
///
/// [torch.optim.lr_scheduler.ExponentialLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentialLR {
    /// What the learning rate is multiplied with at each step; at least 0. PyTorch has no default.
    pub gamma: f64,
}

impl Factor for ExponentialLR {
    const NAME: &'static str = "ExponentialLR";

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative(Self::NAME, "gamma", self.gamma)
    }

    fn factor(&self, step: u64) -> f64 {
        self.gamma.powf(step as f64)
    }
}
