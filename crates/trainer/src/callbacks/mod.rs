//! Callbacks: code of your own, and what comes with Gradus, that the loop tells what happens.
//!
//! The events of a run, in order; those in brackets only where they take place:
//!
//! ```text
//! FitStart
//!   EpochStart
//!     BatchStart                    each batch
//!     BackwardEnd                   each step: gradients are whole, neither clipped nor used
//!     StepEnd                       each step: weights, schedule and averages have moved
//!     [ValidationEnd]               after every so many steps
//!     [CheckpointSaved]
//!   [ValidationEnd]
//!   EpochEnd
//!   [CheckpointSaved]
//! FitEnd                            also after an interrupt, an early stop or an error
//! ```
//!
//! Callbacks are called in the order in which they were added. What they keep over a resume they give as
//! [`state`](Callback::state).

mod early_stopping;
mod histograms;
mod lr_monitor;
mod memory;
mod norms;
mod samples;
mod throughput;

use std::path::Path;

use gradus_autograd::Param;
use gradus_optim::Optimizer;

pub use early_stopping::EarlyStopping;
pub use histograms::Histograms;
pub use lr_monitor::LrMonitor;
pub use memory::MemoryMonitor;
pub use norms::{Norms, WhichNorms};
pub use samples::SamplePredictions;
pub use throughput::Throughput;

use crate::outcome::{EpochRecord, ValidationRecord};
use crate::step::StepError;
use crate::trackers::{TrackerError, Trackers};

/// What has happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Training begins, or goes on after so many steps.
    FitStart {
        /// Optimizer steps taken before.
        steps: u64,
    },
    /// An epoch begins, or goes on.
    EpochStart {
        /// Which, counted from 0.
        epoch: u64,
    },
    /// A batch has been read.
    BatchStart {
        /// The epoch, counted from 0.
        epoch: u64,
        /// The batch, counted from 0.
        batch: u64,
    },
    /// The gradients of the next step are whole.
    BackwardEnd,
    /// A step was taken.
    StepEnd(&'a StepReport),
    /// The validation data were measured.
    ValidationEnd(&'a ValidationRecord),
    /// An epoch is over.
    EpochEnd(&'a EpochRecord),
    /// A checkpoint is whole and on the disk.
    CheckpointSaved {
        /// Its folder.
        path: &'a Path,
    },
    /// Training is over.
    FitEnd,
}

/// One optimizer step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Optimizer steps taken, with this one.
    pub step: u64,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// The last batch of the step, counted from 0.
    pub batch: u64,
    /// The mean loss over its samples.
    pub loss: f64,
    /// The metric over them.
    pub metric: Option<f64>,
    /// How many they are.
    pub samples: u64,
    /// The norm of all gradients together before clipping, where they were clipped by it.
    pub grad_norm: Option<f64>,
    /// The learning rate of the step.
    pub lr: f64,
}

/// What a callback may look at and do.
pub struct Control<'a> {
    /// Every parameter of the model by name.
    pub parameters: &'a [(String, Param)],
    /// The optimizer; a callback may change its settings.
    pub optimizer: &'a mut Optimizer,
    /// Optimizer steps taken.
    pub step: u64,
    trackers: &'a mut Trackers,
    stop: &'a mut Option<String>,
}

impl<'a> Control<'a> {
    pub(crate) fn new(
        parameters: &'a [(String, Param)],
        optimizer: &'a mut Optimizer,
        step: u64,
        trackers: &'a mut Trackers,
        stop: &'a mut Option<String>,
    ) -> Self {
        Self { parameters, optimizer, step, trackers, stop }
    }

    /// Ends training at the next step's end, with a checkpoint and this reason, which the user is told.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.stop.get_or_insert_with(|| reason.into());
    }

    /// Logs a number at the present step.
    ///
    /// # Errors
    /// As [`Trackers::log_metric`].
    pub fn log_metric(&mut self, name: &str, value: f64) -> Result<(), TrackerError> {
        self.trackers.log_metric(name, value, self.step)
    }

    /// All of a run's trackers, for texts, histograms and images.
    pub fn trackers(&mut self) -> &mut Trackers {
        self.trackers
    }
}

/// Is told what happens in training.
///
/// ```
/// use gradus_trainer::StepError;
/// use gradus_trainer::callbacks::{Callback, Control, Event};
///
/// /// Stops when the loss of a batch is small.
/// struct GoodEnough(f64);
///
/// impl Callback for GoodEnough {
///     fn name(&self) -> &str {
///         "good-enough"
///     }
///
///     fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
///         if let Event::StepEnd(step) = event
///             && step.loss < self.0
///         {
///             control.stop(format!("the loss is {:.4}", step.loss));
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Callback: Send {
    /// What its state in a checkpoint goes by; of two with one name the second is refused.
    fn name(&self) -> &str;

    /// Called at each event.
    ///
    /// # Errors
    /// Ends training, with a checkpoint.
    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError>;

    /// What it goes on from when the run is resumed. Without code of its own, nothing.
    fn state(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Goes on from a state that [`state`](Self::state) gave.
    ///
    /// # Errors
    /// If it is none.
    fn load_state(&mut self, _state: &[u8]) -> Result<(), StepError> {
        Ok(())
    }
}
