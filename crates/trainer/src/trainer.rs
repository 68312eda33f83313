//! `Trainer`: what it owns over a fit, and the small things that the loop asks of it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use gradus_autograd::no_grad;
use gradus_data::{DataLoader, Dataset, LoaderState};

use crate::builder::TrainerBuilder;
use crate::callbacks::Callback;
use crate::checkpoint::Writer;
use crate::fit_error::FitError;
use crate::progress::Progress;
use crate::run_dir::RunDir;
use crate::settings::Settings;
use crate::step::{PredictStep, TrainingStep};
use crate::trackers::{End, Experiment, Trackers};
use crate::validate::{Validation, validate_until};

/// Owns the batch loop: see [`fit`](Self::fit).
pub struct Trainer {
    pub(crate) settings: Settings,
    pub(crate) trackers: Trackers,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
    pub(crate) progress: Box<dyn Progress>,
    pub(crate) run: Option<RunDir>,
    pub(crate) writer: Writer,
    /// When time was last taken, and a checkpoint begun.
    lap: Instant,
    pub(crate) saved: Instant,
}

impl Trainer {
    /// Settings to change before [`build`](TrainerBuilder::build): 1 epoch, silent, nothing written.
    pub fn builder() -> TrainerBuilder {
        TrainerBuilder::new()
    }

    pub(crate) fn new(
        settings: Settings,
        trackers: Trackers,
        callbacks: Vec<Box<dyn Callback>>,
        progress: Box<dyn Progress>,
        run: Option<RunDir>,
    ) -> Self {
        let now = Instant::now();
        Self { settings, trackers, callbacks, progress, run, writer: Writer::new(), lap: now, saved: now }
    }

    /// Loss and metric of `model` on what `loader` gives, as [`validate`](crate::validate), on at most
    /// [`limit_validation_batches`](TrainerBuilder::limit_validation_batches).
    ///
    /// # Errors
    /// If a batch cannot be read or the model's step fails.
    pub fn validate<M, V>(&self, model: &M, loader: &DataLoader<V>) -> Result<Validation<M::Metric>, FitError>
    where
        M: TrainingStep,
        V: Dataset<Batch = M::Batch>,
    {
        loader.set_state(&LoaderState { epoch: 0, batch: 0, ..loader.state() })?;
        let batches = self.settings.validation_batches.unwrap_or(usize::MAX);
        Ok(validate_until(model, loader, batches, || false)?.expect("nothing asked it to stop"))
    }

    /// What `model` makes of everything that `loader` gives, batch by batch, in evaluation mode and without recording.
    ///
    /// # Errors
    /// If a batch cannot be read or the model's step fails.
    pub fn predict<M, V>(&self, model: &M, loader: &DataLoader<V>) -> Result<Vec<M::Prediction>, FitError>
    where
        M: PredictStep,
        V: Dataset<Batch = M::Batch>,
    {
        loader.set_state(&LoaderState { epoch: 0, batch: 0, ..loader.state() })?;
        let _eval = model.eval_guard();
        let mut predictions = Vec::with_capacity(loader.len());
        for (index, batch) in loader.iter().enumerate() {
            let batch = batch?;
            let predicted = no_grad(|| model.predict_step(&batch));
            predictions.push(predicted.map_err(|error| FitError::PredictStep { batch: index + 1, error })?);
        }
        Ok(predictions)
    }

    /// A handle for code of your own to log through, such as a model's `training_step`; its step is the loop's. Good
    /// before [`fit`](Self::fit) is called.
    pub fn experiment(&self) -> Experiment {
        self.trackers.experiment()
    }

    pub(crate) fn start_clock(&mut self) {
        (self.lap, self.saved) = (Instant::now(), Instant::now());
    }

    /// Whether enough time has passed since the last checkpoint.
    pub(crate) fn is_checkpoint_due(&self) -> bool {
        self.saved.elapsed() >= self.settings.checkpoint_every
    }

    /// Whether training was asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.settings.stop.load(Ordering::Relaxed)
    }

    /// Shows what trackers have to say.
    pub(crate) fn show_messages(&mut self) {
        for message in self.trackers.messages() {
            self.progress.message(&message);
        }
    }

    /// Ends the run for its trackers. What goes to a server is sent within half a minute, or, where someone waits for
    /// the program to end, five seconds; the rest stays in the run's folder.
    pub(crate) fn finish_trackers(&mut self, end: End) {
        let patience = if end == End::Finished { 30 } else { 5 };
        self.trackers.finish(end, Duration::from_secs(patience));
        self.show_messages();
    }

    /// Seconds since this was last asked.
    pub(crate) fn lap(&mut self) -> f64 {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.lap, now)).as_secs_f64()
    }
}
