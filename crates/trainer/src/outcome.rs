//! What training comes to: the records that callers get and checkpoints keep.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What training came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// How it ended.
    pub outcome: Outcome,
    /// The finished epochs, those before a resume included.
    pub epochs: Vec<EpochRecord>,
    /// Validations between the ends of epochs, those before a resume included.
    pub validations: Vec<ValidationRecord>,
    /// Optimizer steps taken.
    pub steps: u64,
    /// Batches and steps left out because numbers were not finite
    /// ([`non_finite`](crate::TrainerBuilder::non_finite)).
    pub skipped: u64,
    /// Seconds spent, validation and saving included, over all sessions of the run.
    pub seconds: f64,
    /// Training samples a second, over the time spent in training steps.
    pub samples_per_second: f64,
}

/// How training ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs or steps are done, or the time is up.
    Finished,
    /// A callback asked to stop, for this reason.
    Stopped(String),
    /// It was asked to stop; with a run folder, here is the checkpoint to go on from.
    Interrupted(Option<PathBuf>),
}

/// The validation data, measured once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValidationRecord {
    /// Steps taken before.
    pub step: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// The mean loss over the samples.
    pub loss: f64,
    /// The metric over them.
    pub metric: Option<f64>,
}

/// One finished epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Which, counted from 0.
    pub epoch: u64,
    /// Steps taken by its end.
    pub step: u64,
    /// The mean training loss over its samples.
    pub train_loss: f64,
    /// The metric over its samples.
    pub train_metric: Option<f64>,
    /// The mean validation loss at its end.
    pub val_loss: Option<f64>,
    /// The metric over the validation samples.
    pub val_metric: Option<f64>,
}
