//! A smaller learning rate from certain steps on.

use serde::{Deserialize, Serialize};

use super::{Rule, require};
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

impl Rule for MultiStepLR {
    const NAME: &'static str = "MultiStepLR";

    fn check(&self) -> Result<(), OptimError> {
        require::<Self>(
            self.gamma.is_finite() && self.gamma >= 0.0,
            "gamma",
            self.gamma,
            "a finite number of at least 0",
        )
    }

    fn lr(&self, base: f64, step: u64) -> f64 {
        let passed = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        base * self.gamma.powf(passed as f64)
    }
}
