//! A smaller learning rate whenever a metric no longer improves.

use serde::{Deserialize, Serialize};

use super::per_group::PerGroup;
use super::rule::{require, require_not_negative};
use crate::error::OptimError;

/// The learning rate times `factor` after more than `patience` steps in a row without improvement of a metric
/// ([torch.optim.lr_scheduler.ReduceLROnPlateau]). It moves with
/// [`schedule_step_with`](crate::Optimizer::schedule_step_with), and no other schedule can hold it.
///
/// A metric improves on the best so far where it is below `best (1 - threshold)`, or below `best - threshold` with
/// [`ThresholdMode::Abs`], or above the same with a plus for [`PlateauMode::Max`]. As in PyTorch a negative `best` thus
/// takes slightly worse values for better ones with [`ThresholdMode::Rel`]. What is not finite never improves.
///
/// [torch.optim.lr_scheduler.ReduceLROnPlateau]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReduceLROnPlateau {
    /// Which way the metric improves.
    pub mode: PlateauMode,
    /// What the learning rate is multiplied with; at least 0 and below 1.
    pub factor: f64,
    /// Steps without improvement that are let pass.
    pub patience: u64,
    /// What an improvement must exceed.
    pub threshold: f64,
    /// What `threshold` is a part of.
    pub threshold_mode: ThresholdMode,
    /// Steps after a reduction that do not count.
    pub cooldown: u64,
    /// The learning rate never falls below this.
    pub min_lr: PerGroup<f64>,
    /// A change that is not above this is not made.
    pub eps: f64,
}

/// Which way a metric improves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateauMode {
    /// Downwards, as a loss.
    #[default]
    Min,
    /// Upwards, as an accuracy.
    Max,
}

/// What the threshold of a plateau is measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdMode {
    /// It is a part of the best metric.
    #[default]
    Rel,
    /// It is a difference of metrics.
    Abs,
}

/// What a plateau has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlateauState {
    /// The best metric; none before the first finite one.
    pub best: Option<f64>,
    /// Steps in a row without improvement.
    pub num_bad_epochs: u64,
    /// Steps to come that do not count.
    pub cooldown_counter: u64,
}

/// PyTorch's: a tenth after 10 steps without a loss at least 1e-4 of itself lower.
impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        Self {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Rel,
            cooldown: 0,
            min_lr: PerGroup::All(0.0),
            eps: 1e-8,
        }
    }
}

impl ReduceLROnPlateau {
    /// Its name in messages and files.
    pub const NAME: &'static str = "ReduceLROnPlateau";

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that it cannot work with.
    pub fn check(&self) -> Result<(), OptimError> {
        require(Self::NAME, (0.0..1.0).contains(&self.factor), "factor", self.factor, "at least 0 and below 1")?;
        require_not_negative(Self::NAME, "threshold", self.threshold)?;
        self.min_lr.iter().try_for_each(|&lr| require_not_negative(Self::NAME, "min_lr", lr))?;
        require_not_negative(Self::NAME, "eps", self.eps)
    }

    pub(crate) fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        self.min_lr.check_groups(Self::NAME, "min_lr", groups)
    }

    fn improves(&self, metric: f64, best: f64) -> bool {
        match (self.mode, self.threshold_mode) {
            (PlateauMode::Min, ThresholdMode::Rel) => metric < best * (1.0 - self.threshold),
            (PlateauMode::Min, ThresholdMode::Abs) => metric < best - self.threshold,
            (PlateauMode::Max, ThresholdMode::Rel) => metric > best * (self.threshold + 1.0),
            (PlateauMode::Max, ThresholdMode::Abs) => metric > best + self.threshold,
        }
    }

    /// Takes a metric in; whether the learning rates are to be reduced.
    pub(crate) fn observe(&self, state: &mut PlateauState, metric: f64) -> bool {
        if metric.is_finite() && state.best.is_none_or(|best| self.improves(metric, best)) {
            (state.best, state.num_bad_epochs) = (Some(metric), 0);
        } else {
            state.num_bad_epochs += 1;
        }
        if state.cooldown_counter > 0 {
            state.cooldown_counter -= 1;
            state.num_bad_epochs = 0;
        }
        let reduce = state.num_bad_epochs > self.patience;
        if reduce {
            (state.cooldown_counter, state.num_bad_epochs) = (self.cooldown, 0);
        }
        reduce
    }

    /// The learning rate after a reduction.
    pub(crate) fn reduced(&self, group: usize, lr: f64) -> f64 {
        let reduced = (lr * self.factor).max(*self.min_lr.of(group));
        if lr - reduced > self.eps { reduced } else { lr }
    }
}
