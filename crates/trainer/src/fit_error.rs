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
    /// The loss is NaN or infinite. The parameters are as they were before this batch.
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
