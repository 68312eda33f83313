//! One call of [`fit`](crate::Trainer::fit) while it runs: what it works with, how it begins, validates and ends.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::Instant;

use gradus_autograd::Param;
use gradus_data::{DataLoader, Dataset, LoaderState};
use gradus_optim::{Accumulation, AveragedWeights, Optimizer};
use gradus_tensor::random;

use crate::callbacks::{Control, Event};
use crate::fit::shown_as_accuracy;
use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::metrics::window::Window;
use crate::outcome::{EpochRecord, Fit, Outcome, ValidationRecord};
use crate::progress::EpochReport;
use crate::settings::ValidateEvery;
use crate::state::{Boundary, TrainerState};
use crate::step::TrainingStep;
use crate::trackers::{End, Split};
use crate::trainer::Trainer;
use crate::validate::{Validation, validate_until};

/// A fit that runs.
pub(crate) struct Run<'a, M: TrainingStep, D: Dataset, V: Dataset> {
    pub(crate) trainer: &'a mut Trainer,
    pub(crate) model: &'a M,
    pub(crate) optimizer: &'a mut Optimizer,
    pub(crate) train: &'a DataLoader<D>,
    validation: Option<&'a DataLoader<V>>,
    /// The model's parameters by name, for callbacks.
    parameters: Vec<(String, Param)>,
    /// The optimizer's.
    pub(crate) clipped: Vec<Param>,
    pub(crate) state: TrainerState<M::Metric>,
    /// The batches of an epoch.
    pub(crate) batches: usize,
    /// What the batches since the last step came to.
    pub(crate) window: Window<M::Metric>,
    pub(crate) accumulation: Accumulation,
    pub(crate) average: Option<AveragedWeights>,
    /// Whether weights and state belong together: not while a step is taken.
    pub(crate) is_whole: bool,
    pub(crate) boundary: Boundary,
    /// The last checkpoint, and where training stood: steps, epoch, batch.
    pub(crate) last_saved: Option<(PathBuf, [u64; 3])>,
    /// Where it stood when the checkpoint that is being written was begun; none for one of the best.
    pub(crate) being_saved: Option<[u64; 3]>,
    /// Whether a checkpoint came due while another was being written.
    pub(crate) is_overdue: bool,
    /// Why a callback wants to stop.
    stop: Option<String>,
    /// When this session began, and its epoch's batches.
    began: Instant,
    epoch_began: Instant,
}

impl<'a, M, D, V> Run<'a, M, D, V>
where
    M: TrainingStep,
    D: Dataset<Batch = M::Batch>,
    V: Dataset<Batch = M::Batch>,
{
    pub(crate) fn begin(
        trainer: &'a mut Trainer,
        model: &'a M,
        optimizer: &'a mut Optimizer,
        train: &'a DataLoader<D>,
        validation: Option<&'a DataLoader<V>>,
    ) -> Result<Self, FitError> {
        let settings = &trainer.settings;
        let batches = settings.train_batches.unwrap_or(usize::MAX).min(train.len());
        if batches == 0 {
            return Err(FitError::NoBatches);
        }
        if let Some(seed) = settings.seed.filter(|_| !settings.resume) {
            random::manual_seed(seed);
        }
        optimizer.set_non_finite(settings.non_finite)?;
        let average = settings.averaging.map(|averaging| AveragedWeights::new(model.named_parameters(), averaging));
        let now = Instant::now();
        let mut run = Self {
            parameters: model.named_parameters(),
            clipped: optimizer.parameters(),
            trainer,
            model,
            optimizer,
            train,
            validation,
            state: TrainerState::default(),
            batches,
            window: Window::default(),
            accumulation: Accumulation::new(),
            average: average.transpose()?,
            is_whole: true,
            boundary: Boundary::of(model),
            last_saved: None,
            being_saved: None,
            is_overdue: false,
            stop: None,
            began: now,
            epoch_began: now,
        };
        run.begin_or_resume()?;
        run.mark_whole();
        Ok(run)
    }

    /// Why training is to end now, if it is.
    pub(crate) fn ending(&self) -> Option<Outcome> {
        let settings = &self.trainer.settings;
        let is_done = self.state.epoch >= settings.epochs
            || settings.max_steps.is_some_and(|steps| self.state.step >= steps)
            || settings.max_time.is_some_and(|time| self.began.elapsed() >= time);
        match &self.stop {
            // An early stop is the run's end; what is asked from outside can wait for it.
            Some(reason) if self.state.epoch < settings.epochs => Some(Outcome::Stopped(reason.clone())),
            _ if is_done => Some(Outcome::Finished),
            _ => self.trainer.is_stopped().then_some(Outcome::Interrupted(None)),
        }
    }

    /// Tells every callback.
    pub(crate) fn tell(&mut self, event: Event<'_>) -> Result<(), FitError> {
        if self.trainer.callbacks.is_empty() {
            return Ok(());
        }
        let Trainer { callbacks, trackers, .. } = &mut *self.trainer;
        let mut control = Control::new(&self.parameters, self.optimizer, self.state.step, trackers, &mut self.stop);
        for callback in callbacks {
            if let Err(error) = callback.on_event(event, &mut control) {
                return Err(FitError::Callback { name: callback.name().to_owned(), error });
            }
        }
        Ok(())
    }

    /// Validates a few batches before anything is trained, so that what is wrong there shows in the first second.
    pub(crate) fn sanity_check(&mut self) -> Result<(), FitError> {
        let batches = self.trainer.settings.sanity_batches;
        if batches > 0 && self.state.step == 0 {
            self.measure(batches)?;
        }
        Ok(())
    }

    pub(crate) fn begin_epoch(&mut self, first: usize, batches: usize) -> Result<(), FitError> {
        self.trainer.trackers.set_epoch(self.state.epoch);
        let epochs = self.trainer.settings.epochs;
        self.trainer.progress.epoch_started(self.state.epoch, epochs, batches as u64, first as u64);
        self.epoch_began = Instant::now();
        self.tell(Event::EpochStart { epoch: self.state.epoch })
    }

    pub(crate) fn end_batches(&mut self) {
        self.state.training_seconds += self.epoch_began.elapsed().as_secs_f64();
        // What a window that was broken off has left is no step's.
        (self.window, self.accumulation) = (Window::default(), Accumulation::new());
    }

    pub(crate) fn is_epoch_done(&self) -> bool {
        self.state.batch as usize >= self.batches
    }

    /// Validation, where it is due between two steps of an epoch and not done yet: a run may have been stopped in it.
    pub(crate) fn validate_between_steps(&mut self) -> Result<(), FitError> {
        let ValidateEvery::Steps(steps) = self.trainer.settings.validate_every else { return Ok(()) };
        let step = self.state.step;
        let is_done = self.state.validations.last().is_some_and(|record| record.step == step);
        let is_inside = self.state.batch > 0 && !self.is_epoch_done();
        if is_inside
            && !is_done
            && step.is_multiple_of(steps.max(1))
            && let Some(record) = self.validate()?
        {
            self.log_validation(&record)?;
            self.state.validations.push(record);
        }
        Ok(())
    }

    /// Validates where that is due and reports an epoch whose batches are done; false if asked to stop on the way.
    pub(crate) fn finish_epoch(&mut self) -> Result<bool, FitError> {
        let last = self.state.epoch + 1 == self.trainer.settings.epochs;
        let is_due = match self.trainer.settings.validate_every {
            ValidateEvery::Epochs(epochs) => last || (self.state.epoch + 1).is_multiple_of(epochs.max(1)),
            ValidateEvery::Steps(_) => true,
        };
        let validated = if is_due && self.validation.is_some() {
            let Some(record) = self.validate()? else { return Ok(false) };
            Some(record)
        } else {
            None
        };
        self.state.seconds += self.trainer.lap();
        let record = self.state.finish_epoch(validated.as_ref());
        // The next epoch's first batch comes next, also after a limited one.
        self.train.set_state(&self.loader_state())?;
        self.mark_whole();
        self.report(&record)?;
        self.tell(Event::EpochEnd(&record))?;
        Ok(true)
    }

    /// Measures the validation data; `None` without any, or if asked to stop on the way.
    fn validate(&mut self) -> Result<Option<ValidationRecord>, FitError> {
        let batches = self.trainer.settings.validation_batches.unwrap_or(usize::MAX);
        let Some(Validation { loss, metric }) = self.measure(batches)? else { return Ok(None) };
        let (step, epoch) = (self.state.step, self.state.epoch);
        if !loss.is_finite() {
            return Err(FitError::NonFiniteValidation { epoch: epoch + 1, loss, lr: self.optimizer.lr() });
        }
        let record = ValidationRecord { step, epoch, loss, metric: metric.value() };
        self.tell(Event::ValidationEnd(&record))?;
        Ok(Some(record))
    }

    /// Loss and metric on the first so many validation batches, of the averaged weights where there are any. Leaves no
    /// trace: neither in the order of a loader that shuffles, nor in the random numbers that training draws.
    fn measure(&mut self, batches: usize) -> Result<Option<Validation<M::Metric>>, FitError> {
        let Some(loader) = self.validation else { return Ok(None) };
        loader.set_state(&LoaderState { epoch: 0, batch: 0, ..loader.state() })?;
        let _averaged = self.average.as_mut().map(AveragedWeights::apply);
        let (drawn, trainer) = (random::state(), &*self.trainer);
        let validated = validate_until(self.model, loader, batches, || trainer.is_stopped());
        random::set_state(drawn);
        validated
    }

    fn log_validation(&mut self, record: &ValidationRecord) -> Result<(), FitError> {
        let place = (record.epoch, Split::Val);
        let trackers = &mut self.trainer.trackers;
        trackers.log_of_epoch("loss", record.loss, record.step, place)?;
        if let Some(metric) = record.metric {
            trackers.log_of_epoch(M::Metric::NAME, metric, record.step, place)?;
        }
        Ok(())
    }

    fn report(&mut self, record: &EpochRecord) -> Result<(), FitError> {
        for (split, name, value) in [
            (Split::Train, "loss", Some(record.train_loss)),
            (Split::Train, M::Metric::NAME, record.train_metric),
            (Split::Val, "loss", record.val_loss),
            (Split::Val, M::Metric::NAME, record.val_metric),
        ] {
            if let Some(value) = value {
                self.trainer.trackers.log_of_epoch(name, value, record.step, (record.epoch, split))?;
            }
        }
        let epochs = self.trainer.settings.epochs;
        self.trainer.progress.epoch_done(&EpochReport {
            epoch: record.epoch,
            epochs,
            train_loss: record.train_loss,
            train_accuracy: shown_as_accuracy::<M>(record.train_metric),
            val_loss: record.val_loss,
            val_accuracy: shown_as_accuracy::<M>(record.val_metric),
            seconds: self.state.seconds,
            samples_per_second: self.state.samples_per_second(),
        });
        Ok(())
    }

    /// Runs `train`, and ends the run however that ends: with a checkpoint, trackers and progress closed.
    pub(crate) fn guarded(mut self, train: fn(&mut Self) -> Result<Outcome, FitError>) -> Result<Fit, FitError> {
        let ended = match catch_unwind(AssertUnwindSafe(|| train(&mut self))) {
            Err(panic) => {
                self.rescue();
                resume_unwind(panic);
            }
            Ok(Err(error)) => {
                self.rescue();
                return Err(error);
            }
            Ok(Ok(outcome)) => outcome,
        };
        let checkpoint = match self.save_last() {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                self.close(End::Failed);
                return Err(error);
            }
        };
        self.tell(Event::FitEnd)?;
        let outcome = match ended {
            Outcome::Interrupted(_) => {
                self.close(End::Interrupted);
                Outcome::Interrupted(checkpoint)
            }
            ended => {
                self.close(End::Finished);
                ended
            }
        };
        self.state.seconds += self.trainer.lap();
        Ok(self.state.into_fit(outcome))
    }

    /// After an error or a panic: saves the last whole step where that is possible.
    fn rescue(&mut self) {
        match self.save_last() {
            Ok(Some(path)) => self.trainer.progress.message(&format!("the last whole step is in {}", path.display())),
            Ok(None) => {}
            Err(error) => self.trainer.progress.message(&error.to_string()),
        }
        // What went wrong is the error to tell.
        let _ = self.tell(Event::FitEnd);
        self.close(End::Failed);
    }

    fn close(&mut self, end: End) {
        self.trainer.finish_trackers(end);
        self.trainer.progress.finished();
    }
}
