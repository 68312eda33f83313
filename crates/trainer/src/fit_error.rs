//! What can stop training.

use std::path::PathBuf;

use gradus_autograd::AutogradError;
use gradus_data::DataError;
use gradus_nn::StateError;
use gradus_optim::OptimError;
use thiserror::Error;

use crate::checkpoint::CheckpointError;
use crate::checkpoint::codec::CodecError;
use crate::step::StepError;
use crate::trackers::TrackerError;

/// Why [`Trainer::fit`](crate::Trainer::fit) ended early.
#[derive(Debug, Error)]
pub enum FitError {
    /// A batch could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The model failed in validation.
    #[error("validation batch {batch}: {error}")]
    ValidationStep {
        /// The batch, counted from 1.
        batch: usize,
        /// What the step said.
        error: StepError,
    },
    /// The model failed in prediction.
    #[error("prediction, batch {batch}: {error}")]
    PredictStep {
        /// The batch, counted from 1.
        batch: usize,
        /// What the step said.
        error: StepError,
    },
    /// The model's own step failed.
    #[error("epoch {epoch}, batch {batch}: {error}")]
    Step {
        /// The epoch, counted from 1.
        epoch: u64,
        /// The batch, counted from 1.
        batch: u64,
        /// What the step said.
        error: StepError,
    },
    /// The loss is NaN or infinite. No step was taken on this batch.
    #[error(
        "epoch {epoch}, batch {batch}: the loss is {loss}; no step was taken. Lower the learning rate (now {lr}), or \
         look for such values in the data"
    )]
    NonFiniteLoss {
        /// The epoch, counted from 1.
        epoch: u64,
        /// The batch, counted from 1.
        batch: u64,
        /// The loss.
        loss: f32,
        /// The learning rate.
        lr: f64,
    },
    /// The validation loss is NaN or infinite.
    #[error(
        "epoch {epoch}: the validation loss is {loss}. Lower the learning rate (now {lr}), or look for such values in \
         the data"
    )]
    NonFiniteValidation {
        /// The epoch, counted from 1.
        epoch: u64,
        /// The loss.
        loss: f64,
        /// The learning rate.
        lr: f64,
    },
    /// A parameter holds NaN or infinity: a gradient did. No checkpoint was made of it.
    #[error(
        "epoch {epoch}, step {step}: parameter {name} holds a number that is not finite; no checkpoint was made of it. \
         Go on from the last one with a lower learning rate (now {lr}), or look for an operation whose gradient is not \
         finite (a root or quotient at 0)"
    )]
    NonFiniteParameter {
        /// The epoch, counted from 1.
        epoch: u64,
        /// The steps taken.
        step: u64,
        /// The parameter.
        name: String,
        /// The learning rate.
        lr: f64,
    },
    /// A run was to be resumed with another algorithm or other hyper-parameters than its checkpoint has.
    #[error(
        "the run was saved with {saved}, and is resumed with {now} or other hyper-parameters of it; resume with those \
         that it was started with"
    )]
    OptimizerChanged {
        /// The checkpoint's algorithm and learning rate.
        saved: String,
        /// The given ones.
        now: String,
    },
    /// A run was to be resumed for fewer epochs than it has done.
    #[error("the run has done {done} epochs already, more than the {epochs} asked for; ask for at least {done}")]
    FewerEpochs {
        /// The finished epochs.
        done: u64,
        /// The epochs asked for.
        epochs: u64,
    },
    /// The loss has no gradient to give.
    #[error(transparent)]
    Autograd(#[from] AutogradError),
    /// The optimizer cannot step, or a saved state of it does not fit.
    #[error(transparent)]
    Optim(#[from] OptimError),
    /// A checkpoint could not be saved or loaded.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A metric could not be written.
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// A checkpoint lacks a file.
    #[error("{}: the checkpoint holds no {file}; it was not written by a trainer", path.display())]
    Incomplete {
        /// The checkpoint's folder.
        path: PathBuf,
        /// The file.
        file: String,
    },
    /// A checkpoint's tensors are not those of this model or optimizer.
    #[error("{}: {error}; resume with the model that the run was started with", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What differs.
        error: StateError,
    },
    /// A checkpoint's state cannot be read.
    #[error("{}: {error}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: CodecError,
    },
    /// A schedule follows a metric that the epoch does not have.
    #[error(
        "epoch {epoch}: {schedule} follows a metric that this epoch has not measured; give `fit` a validation loader, \
         or choose a metric of training by `schedule_metric`"
    )]
    NoScheduleMetric {
        /// The schedule.
        schedule: &'static str,
        /// The epoch, counted from 1.
        epoch: u64,
    },
    /// A callback failed.
    #[error("callback {name}: {error}")]
    Callback {
        /// The callback's name.
        name: String,
        /// What it said.
        error: StepError,
    },
    /// There is nothing to train on.
    #[error("the training loader has no batch; give it more samples, or a smaller batch size")]
    NoBatches,
}

impl FitError {
    /// For `map_err`: the step of batch `index` of `epoch`, both counted from 0, failed.
    pub(crate) fn step(epoch: u64, index: usize) -> impl FnOnce(StepError) -> Self {
        move |error| Self::Step { epoch: epoch + 1, batch: index as u64 + 1, error }
    }

    /// The loss, where it is a number to learn from.
    pub(crate) fn check_loss(loss: f32, epoch: u64, index: usize, lr: f64) -> Result<f64, Self> {
        if loss.is_finite() {
            return Ok(f64::from(loss));
        }
        Err(Self::NonFiniteLoss { epoch: epoch + 1, batch: index as u64 + 1, loss, lr })
    }
}
