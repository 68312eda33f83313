//! What a [`Trainer`](crate::Trainer) was asked to do.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gradus_optim::{Averaging, NonFinite};

use crate::monitor::Monitor;
use crate::outcome::EpochRecord;
use crate::trackers::Parameter;

/// How often something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// After each optimizer step.
    Step,
    /// At the end of each epoch.
    #[default]
    Epoch,
}

/// When validation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidateEvery {
    /// At the end of every so many epochs, and of the last.
    Epochs(u64),
    /// After every so many optimizer steps, and at the end of each epoch.
    Steps(u64),
}

/// The settings, with their defaults.
pub(crate) struct Settings {
    pub(crate) epochs: u64,
    pub(crate) max_steps: Option<u64>,
    pub(crate) max_time: Option<Duration>,
    pub(crate) seed: Option<u64>,
    pub(crate) validate_every: ValidateEvery,
    pub(crate) sanity_batches: usize,
    pub(crate) train_batches: Option<usize>,
    pub(crate) validation_batches: Option<usize>,
    pub(crate) overfit: bool,
    /// Batches a step.
    pub(crate) accumulate: usize,
    pub(crate) clip_grad_norm: Option<f64>,
    pub(crate) clip_grad_value: Option<f64>,
    pub(crate) schedule_every: Every,
    pub(crate) schedule_metric: fn(&EpochRecord) -> Option<f64>,
    pub(crate) averaging: Option<Averaging>,
    pub(crate) non_finite: NonFinite,
    pub(crate) reset_schedule: bool,
    pub(crate) resume: bool,
    pub(crate) checkpoint_every: Duration,
    pub(crate) checkpoint_steps: Option<u64>,
    pub(crate) checkpoint_epochs: Option<u64>,
    pub(crate) keep_checkpoints: usize,
    pub(crate) keep_best: Option<(Monitor, usize)>,
    /// What trackers show of the run.
    pub(crate) parameters: Vec<(String, Parameter)>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 1,
            max_steps: None,
            max_time: None,
            seed: None,
            validate_every: ValidateEvery::Epochs(1),
            sanity_batches: 0,
            train_batches: None,
            validation_batches: None,
            overfit: false,
            accumulate: 1,
            clip_grad_norm: None,
            clip_grad_value: None,
            schedule_every: Every::Epoch,
            schedule_metric: |epoch| epoch.val_loss,
            averaging: None,
            non_finite: NonFinite::Pass,
            reset_schedule: false,
            resume: false,
            checkpoint_every: Duration::from_secs(30),
            checkpoint_steps: None,
            checkpoint_epochs: None,
            keep_checkpoints: 3,
            keep_best: None,
            parameters: Vec::new(),
            stop: Arc::default(),
        }
    }
}
