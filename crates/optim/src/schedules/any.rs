//! What an optimizer can follow.

use serde::{Deserialize, Serialize};

use super::{Schedule, reduce_lr_on_plateau::ReduceLROnPlateau};
use crate::error::OptimError;

/// What an optimizer can follow: a function of the schedule steps, or a metric. Every schedule goes into it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AnySchedule {
    /// Moves with [`schedule_step`](crate::Optimizer::schedule_step).
    Steps(Schedule),
    /// Moves with [`schedule_step_with`](crate::Optimizer::schedule_step_with).
    Metric(ReduceLROnPlateau),
}

impl From<Schedule> for AnySchedule {
    fn from(schedule: Schedule) -> Self {
        Self::Steps(schedule)
    }
}

impl From<ReduceLROnPlateau> for AnySchedule {
    fn from(plateau: ReduceLROnPlateau) -> Self {
        Self::Metric(plateau)
    }
}

impl AnySchedule {
    /// The schedule's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Steps(schedule) => schedule.name(),
            Self::Metric(_) => ReduceLROnPlateau::NAME,
        }
    }

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that the schedule cannot work with.
    pub fn check(&self) -> Result<(), OptimError> {
        match self {
            Self::Steps(schedule) => schedule.check(),
            Self::Metric(plateau) => plateau.check(),
        }
    }

    pub(crate) fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        match self {
            Self::Steps(schedule) => schedule.check_groups(groups),
            Self::Metric(plateau) => plateau.check_groups(groups),
        }
    }

    pub(crate) fn cycles_momentum(&self) -> bool {
        matches!(self, Self::Steps(schedule) if schedule.cycles_momentum())
    }
}
