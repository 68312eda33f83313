//! The schedule of the first Transformer.

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require_steps};
use crate::error::OptimError;

/// `base_lr min(s / warmup_steps, sqrt(warmup_steps / s))` with `s = step + 1`: a line up to `base_lr`, then down with
/// the inverse square root of the step, without end ([Vaswani et al., 2017], section 5.3, who write the peak as
/// `(d_model warmup_steps)^-0.5`). Not in PyTorch.
///
/// [Vaswani et al., 2017]: https://arxiv.org/abs/1706.03762
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InverseSqrt {
    /// Steps of warm-up, the one at the peak included; at least 1.
    pub warmup_steps: u64,
}

/// That of the paper: 4,000 steps.
impl Default for InverseSqrt {
    fn default() -> Self {
        Self { warmup_steps: 4_000 }
    }
}

impl Factor for InverseSqrt {
    const NAME: &'static str = "InverseSqrt";

    fn check(&self) -> Result<(), OptimError> {
        require_steps(Self::NAME, "warmup_steps", self.warmup_steps)
    }

    fn factor(&self, step: u64) -> f64 {
        let share = (step + 1) as f64 / self.warmup_steps as f64;
        share.min(share.recip().sqrt())
    }
}
