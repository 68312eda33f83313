//! Warm-up, a plateau, and a decay at the end.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::rule::{Factor, require};
use crate::error::OptimError;

/// `base_lr (step + 1) / (warmup_steps + 1)` during warm-up, `base_lr` for `stable_steps`, then down to `floor base_lr`
/// in `decay_steps`, and `floor base_lr` after that (MiniCPM, [arXiv:2404.06395]). Not in PyTorch.
///
/// The length of the plateau need not be known when training begins: load a state from any point of it,
/// [`end_schedule`](crate::Optimizer::end_schedule), and set one that decays from there. With t from 0 to 1 over the
/// decay, its shape is `1 - t`, `(1 + cos(pi t)) / 2` or `1 - sqrt(t)`, times `1 - floor`, plus `floor`; the last did
/// best in [arXiv:2405.18392].
///
/// [arXiv:2404.06395]: https://arxiv.org/abs/2404.06395
/// [arXiv:2405.18392]: https://arxiv.org/abs/2405.18392
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmupStableDecay {
    /// Steps of warm-up.
    pub warmup_steps: u64,
    /// Steps at `base_lr`.
    pub stable_steps: u64,
    /// Steps of decay.
    pub decay_steps: u64,
    /// How it decays.
    pub decay: Decay,
    /// The last learning rate, as a part of the group's; from 0 to 1.
    pub floor: f64,
}

/// The shape of a decay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// A line.
    Linear,
    /// Half a cosine.
    Cosine,
    /// One minus a square root: steep at first.
    #[default]
    OneMinusSqrt,
}

/// 1,000 steps of warm-up, 8,000 at `base_lr`, a tenth of all as decay to 0 by one minus the square root.
impl Default for WarmupStableDecay {
    fn default() -> Self {
        Self { warmup_steps: 1_000, stable_steps: 8_000, decay_steps: 1_000, decay: Decay::default(), floor: 0.0 }
    }
}

impl Factor for WarmupStableDecay {
    const NAME: &'static str = "WarmupStableDecay";

    fn check(&self) -> Result<(), OptimError> {
        require(Self::NAME, (0.0..=1.0).contains(&self.floor), "floor", self.floor, "from 0 to 1")
    }

    fn factor(&self, step: u64) -> f64 {
        if step < self.warmup_steps {
            return (step + 1) as f64 / (self.warmup_steps + 1) as f64;
        }
        let Some(decayed) = (step - self.warmup_steps).checked_sub(self.stable_steps) else { return 1.0 };
        if decayed >= self.decay_steps {
            return self.floor;
        }
        let t = decayed as f64 / self.decay_steps as f64;
        let shape = match self.decay {
            Decay::Linear => 1.0 - t,
            Decay::Cosine => 0.5 * (1.0 + (PI * t).cos()),
            Decay::OneMinusSqrt => 1.0 - t.sqrt(),
        };
        self.floor + shape * (1.0 - self.floor)
    }
}
