//! Up to a peak and down to almost nothing, once.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::per_group::PerGroup;
use super::rule::{Group, Rule, require, require_positive, require_steps};
use crate::error::OptimError;

/// From `max_lr / div_factor` up to `max_lr` during the first `pct_start` of `total_steps`, then down to `max_lr /
/// div_factor / final_div_factor` ([torch.optim.lr_scheduler.OneCycleLR]; Smith and Topin, 2018). The momentum, or
/// Adam's first beta, goes the other way: from `max_momentum` down to `base_momentum` and up again. The group's own
/// learning rate counts nothing.
///
/// The values for training are those of steps 0 to `total_steps - 1`, so that `total_steps` calls of
/// [`schedule_step`](crate::Optimizer::schedule_step) fit, one after each step of the optimizer; one more is an error,
/// as in PyTorch. The value after the last call, which no step of training uses, is that of the last step again;
/// PyTorch's formula goes past its end there, below 0 where it is linear. For `epochs` and `steps_per_epoch` give their
/// product.
///
/// [torch.optim.lr_scheduler.OneCycleLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneCycleLR {
    /// The peak; above 0. PyTorch has no default.
    pub max_lr: PerGroup<f64>,
    /// Steps of the whole cycle; at least 1. PyTorch has no default.
    pub total_steps: u64,
    /// The part of them that goes up; from 0 to 1.
    pub pct_start: f64,
    /// The shape of the ways up and down.
    pub anneal_strategy: Anneal,
    /// Whether the momentum moves too; an algorithm without it is an error then.
    pub cycle_momentum: bool,
    /// The momentum at the peak; above 0 and below 1.
    pub base_momentum: PerGroup<f64>,
    /// The momentum at both ends; above 0 and below 1.
    pub max_momentum: PerGroup<f64>,
    /// How many times the peak is above the start.
    pub div_factor: f64,
    /// How many times the start is above the end.
    pub final_div_factor: f64,
    /// Goes down to the start as it came up, and only then to the end.
    pub three_phase: bool,
}

/// How one value goes over into another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anneal {
    /// By half a cosine.
    #[default]
    Cos,
    /// In a line.
    Linear,
}

/// PyTorch's; `max_lr` and `total_steps` are to be given, and 0 is refused.
impl Default for OneCycleLR {
    fn default() -> Self {
        Self {
            max_lr: PerGroup::All(0.0),
            total_steps: 0,
            pct_start: 0.3,
            anneal_strategy: Anneal::Cos,
            cycle_momentum: true,
            base_momentum: PerGroup::All(0.85),
            max_momentum: PerGroup::All(0.95),
            div_factor: 25.0,
            final_div_factor: 1e4,
            three_phase: false,
        }
    }
}

impl OneCycleLR {
    /// The value of `step`, where the cycle begins with `start`, has its peak at `peak` and ends with `end`.
    fn at(&self, step: u64, start: f64, peak: f64, end: f64) -> f64 {
        let (total, up) = (self.total_steps as f64, self.pct_start * self.total_steps as f64);
        let step = step.min(self.total_steps - 1) as f64;
        // Of each phase its last step, and the values that it goes between.
        let two: &[_] = &[(up - 1.0, start, peak), (total - 1.0, peak, end)];
        let three: &[_] = &[(up - 1.0, start, peak), (2.0 * up - 2.0, peak, start), (total - 1.0, start, end)];
        let phases = if self.three_phase { three } else { two };
        let present = phases.iter().position(|&(last, ..)| step <= last).unwrap_or(phases.len() - 1);
        let begin = if present == 0 { 0.0 } else { phases[present - 1].0 };
        let (last, from, to) = phases[present];
        // A phase of no length is at its end.
        let share = if last == begin { 1.0 } else { (step - begin) / (last - begin) };
        match self.anneal_strategy {
            Anneal::Cos => to + (from - to) / 2.0 * ((PI * share).cos() + 1.0),
            Anneal::Linear => (to - from) * share + from,
        }
    }
}

impl Rule for OneCycleLR {
    const NAME: &'static str = "OneCycleLR";

    fn check(&self) -> Result<(), OptimError> {
        self.max_lr.iter().try_for_each(|&lr| require_positive(Self::NAME, "max_lr", lr))?;
        require_steps(Self::NAME, "total_steps", self.total_steps)?;
        require(Self::NAME, (0.0..=1.0).contains(&self.pct_start), "pct_start", self.pct_start, "from 0 to 1")?;
        check_momentums(Self::NAME, &self.base_momentum, &self.max_momentum)?;
        require_positive(Self::NAME, "div_factor", self.div_factor)?;
        require_positive(Self::NAME, "final_div_factor", self.final_div_factor)
    }

    fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        self.max_lr.check_groups(Self::NAME, "max_lr", groups)?;
        self.base_momentum.check_groups(Self::NAME, "base_momentum", groups)?;
        self.max_momentum.check_groups(Self::NAME, "max_momentum", groups)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        let peak = *self.max_lr.of(group.index);
        let start = peak / self.div_factor;
        self.at(step, start, peak, start / self.final_div_factor)
    }

    fn cycles_momentum(&self) -> bool {
        self.cycle_momentum
    }

    fn momentum(&self, group: usize, step: u64) -> Option<f64> {
        let (base, max) = (*self.base_momentum.of(group), *self.max_momentum.of(group));
        self.cycle_momentum.then(|| self.at(step, max, base, max))
    }

    fn last_step(&self) -> Option<u64> {
        Some(self.total_steps)
    }
}

/// The two ends between which a momentum is cycled. Algorithms keep no momentum where it is 0, so that it must not be.
pub(super) fn check_momentums(
    schedule: &'static str,
    base: &PerGroup<f64>,
    max: &PerGroup<f64>,
) -> Result<(), OptimError> {
    for (name, momentums) in [("base_momentum", base), ("max_momentum", max)] {
        for &momentum in momentums.iter() {
            require(schedule, momentum > 0.0 && momentum < 1.0, name, momentum, "above 0 and below 1")?;
        }
    }
    Ok(())
}
