//! Up and down, again and again.

use serde::{Deserialize, Serialize};

use super::one_cycle_lr::check_momentums;
use super::rule::{Group, Rule, require_not_negative, require_positive, require_steps};
use super::{function::Function, per_group::PerGroup};
use crate::error::OptimError;

/// Lines from `base_lr` up to `max_lr` in `step_size_up` steps and back in `step_size_down`, again and again
/// ([torch.optim.lr_scheduler.CyclicLR]; Smith, WACV 2017). The momentum, or Adam's first beta, goes the other way:
/// from `max_momentum` down to `base_momentum` and up again. The group's own learning rate counts nothing.
///
/// [torch.optim.lr_scheduler.CyclicLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CyclicLR {
    /// The learning rate between two cycles. PyTorch has no default.
    pub base_lr: PerGroup<f64>,
    /// The learning rate at the peak of the first cycle; above 0. PyTorch has no default.
    pub max_lr: PerGroup<f64>,
    /// Steps up; at least 1.
    pub step_size_up: u64,
    /// Steps down, where there are not as many.
    pub step_size_down: Option<u64>,
    /// How high the cycles are.
    pub mode: CyclicMode,
    /// What [`CyclicMode::ExpRange`] multiplies the height with at each step.
    pub gamma: f64,
    /// Whether the momentum moves too; an algorithm without it is an error then.
    pub cycle_momentum: bool,
    /// The momentum at the peak; above 0 and below 1.
    pub base_momentum: PerGroup<f64>,
    /// The momentum between two cycles; above 0 and below 1.
    pub max_momentum: PerGroup<f64>,
}

/// What the height of a cycle, `max_lr - base_lr`, is multiplied with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CyclicMode {
    /// 1.
    #[default]
    Triangular,
    /// 1 in the first cycle, half as much in each other as in the one before.
    Triangular2,
    /// `gamma^step`.
    ExpRange,
    /// This function of the cycle, 1 for the first (PyTorch's `scale_fn` with the `scale_mode` cycle).
    ScaleCycles(Function),
    /// This function of the step (PyTorch's `scale_fn` with the `scale_mode` iterations).
    ScaleSteps(Function),
}

/// PyTorch's; `base_lr` and `max_lr` are to be given, and a `max_lr` of 0 is refused.
impl Default for CyclicLR {
    fn default() -> Self {
        Self {
            base_lr: PerGroup::All(0.0),
            max_lr: PerGroup::All(0.0),
            step_size_up: 2_000,
            step_size_down: None,
            mode: CyclicMode::Triangular,
            gamma: 1.0,
            cycle_momentum: true,
            base_momentum: PerGroup::All(0.8),
            max_momentum: PerGroup::All(0.9),
        }
    }
}

impl CyclicLR {
    /// How far `step` is between two cycles (0) and the peak of the first (1).
    fn share(&self, step: u64) -> f64 {
        let up = self.step_size_up as f64;
        let total = up + self.step_size_down.unwrap_or(self.step_size_up) as f64;
        let (turns, peak) = (step as f64 / total, up / total);
        let cycle = (1.0 + turns).floor();
        let x = 1.0 + turns - cycle;
        let share = if x <= peak { x / peak } else { (x - 1.0) / (peak - 1.0) };
        share
            * match &self.mode {
                CyclicMode::Triangular => 1.0,
                CyclicMode::Triangular2 => 1.0 / 2f64.powf(cycle - 1.0),
                CyclicMode::ExpRange => self.gamma.powf(step as f64),
                CyclicMode::ScaleCycles(scale) => scale.at(cycle as u64),
                CyclicMode::ScaleSteps(scale) => scale.at(step),
            }
    }
}

impl Rule for CyclicLR {
    const NAME: &'static str = "CyclicLR";

    fn check(&self) -> Result<(), OptimError> {
        self.base_lr.iter().try_for_each(|&lr| require_not_negative(Self::NAME, "base_lr", lr))?;
        self.max_lr.iter().try_for_each(|&lr| require_positive(Self::NAME, "max_lr", lr))?;
        require_steps(Self::NAME, "step_size_up", self.step_size_up)?;
        self.step_size_down.map_or(Ok(()), |steps| require_steps(Self::NAME, "step_size_down", steps))?;
        if let CyclicMode::ScaleCycles(scale) | CyclicMode::ScaleSteps(scale) = &self.mode {
            scale.check(Self::NAME)?;
        }
        require_not_negative(Self::NAME, "gamma", self.gamma)?;
        check_momentums(Self::NAME, &self.base_momentum, &self.max_momentum)
    }

    fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        self.base_lr.check_groups(Self::NAME, "base_lr", groups)?;
        self.max_lr.check_groups(Self::NAME, "max_lr", groups)?;
        self.base_momentum.check_groups(Self::NAME, "base_momentum", groups)?;
        self.max_momentum.check_groups(Self::NAME, "max_momentum", groups)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        let (base, max) = (*self.base_lr.of(group.index), *self.max_lr.of(group.index));
        base + (max - base) * self.share(step)
    }

    fn cycles_momentum(&self) -> bool {
        self.cycle_momentum
    }

    fn momentum(&self, group: usize, step: u64) -> Option<f64> {
        let (base, max) = (*self.base_momentum.of(group), *self.max_momentum.of(group));
        self.cycle_momentum.then(|| max - (max - base) * self.share(step))
    }
}
