//! A smaller learning rate from certain steps on.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require_not_negative};
use crate::error::OptimError;

/// `base gamma^n`, n the number of milestones that are at most the step ([torch.optim.lr_scheduler.MultiStepLR]).
///
/// [torch.optim.lr_scheduler.MultiStepLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiStepLR {
    /// The steps at which the learning rate changes, in any order; one that stands twice counts twice.
    pub milestones: Vec<u64>,
    /// What the learning rate is multiplied with.
    pub gamma: f64,
}

/// PyTorch's gamma of 0.1, and no milestone.
impl Default for MultiStepLR {
    fn default() -> Self {
        Self { milestones: Vec::new(), gamma: 0.1 }
    }
}

impl Factor for MultiStepLR {
    const NAME: &'static str = "MultiStepLR";

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative(Self::NAME, "gamma", self.gamma)
    }

    fn factor(&self, step: u64) -> f64 {
        let passed = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        self.gamma.powf(passed as f64)
    }
}
