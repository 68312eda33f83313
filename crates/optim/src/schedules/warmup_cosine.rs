//! Warm-up, then half a cosine down to a floor.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require};
use crate::error::OptimError;

/// The schedule of nanoGPT: `base (step + 1) / (warmup_steps + 1)` during warm-up, then half a cosine from `base` to
/// `floor base` at `decay_steps`, and `floor base` after that ([nanoGPT's `get_lr`]).
///
/// [nanoGPT's `get_lr`]: https://github.com/karpathy/nanoGPT/blob/master/train.py
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmupCosine {
    /// Steps of warm-up.
    pub warmup_steps: u64,
    /// The step that reaches the floor; above `warmup_steps`.
    pub decay_steps: u64,
    /// The smallest learning rate, as a part of the group's; from 0 to 1.
    pub floor: f64,
}

/// nanoGPT's: 2,000 of 600,000 steps of warm-up, down to a tenth.
impl Default for WarmupCosine {
    fn default() -> Self {
        Self { warmup_steps: 2_000, decay_steps: 600_000, floor: 0.1 }
    }
}

impl Factor for WarmupCosine {
    const NAME: &'static str = "WarmupCosine";

    fn check(&self) -> Result<(), OptimError> {
        let decay = self.decay_steps;
        require(Self::NAME, decay > self.warmup_steps, "decay_steps", decay as f64, "above warmup_steps")?;
        require(Self::NAME, (0.0..=1.0).contains(&self.floor), "floor", self.floor, "from 0 to 1")
    }

    fn factor(&self, step: u64) -> f64 {
        if step < self.warmup_steps {
            return (step + 1) as f64 / (self.warmup_steps + 1) as f64;
        }
        let length = (self.decay_steps - self.warmup_steps) as f64;
        let share = (step.min(self.decay_steps) - self.warmup_steps) as f64 / length;
        let cosine = 0.5 * (1.0 + (PI * share).cos());
        self.floor + cosine * (1.0 - self.floor)
    }
}
