//! Which number of an epoch is watched, and which way is better.

use serde::{Deserialize, Serialize};

use crate::outcome::EpochRecord;

/// A number of each epoch and the direction in which it improves.
///
/// ```
/// use gradus_trainer::Monitor;
///
/// assert!(Monitor::ValLoss.is_better(0.4, Some(0.5), 0.0));
/// assert!(!Monitor::ValMetric.is_better(0.4, Some(0.5), 0.0));
/// assert!(!Monitor::ValLoss.is_better(0.49, Some(0.5), 0.02), "not by enough");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Monitor {
    /// The training loss; less is better.
    TrainLoss,
    /// The validation loss; less is better.
    ValLoss,
    /// The metric on the validation data; more is better.
    ValMetric,
    /// The metric on the validation data where less is better, as for an error.
    ValError,
}

impl Monitor {
    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainLoss => "training loss",
            Self::ValLoss => "validation loss",
            Self::ValMetric | Self::ValError => "validation metric",
        }
    }

    /// Its value in an epoch, where that has one.
    pub fn of(self, epoch: &EpochRecord) -> Option<f64> {
        match self {
            Self::TrainLoss => Some(epoch.train_loss),
            Self::ValLoss => epoch.val_loss,
            Self::ValMetric | Self::ValError => epoch.val_metric,
        }
    }

    /// Whether `value` is better than `best` by more than `min_delta`. Every number is better than none; NaN never is.
    pub fn is_better(self, value: f64, best: Option<f64>, min_delta: f64) -> bool {
        let Some(best) = best else { return !value.is_nan() };
        match self {
            Self::TrainLoss | Self::ValLoss | Self::ValError => value < best - min_delta,
            Self::ValMetric => value > best + min_delta,
        }
    }
}
