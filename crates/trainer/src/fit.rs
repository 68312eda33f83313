//! The loop: batch, `training_step`, `backward`, `step`, `zero_grad`; validation and checkpoints where they are due.

use gradus_autograd::profile::{self, Part};
use gradus_data::{DataLoader, Dataset};
use gradus_optim::{AnySchedule, NonFinite, Optimizer, ReduceLROnPlateau, clip_grad_norm, clip_grad_value};

use crate::callbacks::{Event, StepReport};
use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::metrics::accuracy::Accuracy;
use crate::metrics::window::Window;
use crate::outcome::{Fit, Outcome};
use crate::progress::BatchProgress;
use crate::run::Run;
use crate::settings::Every;
use crate::step::TrainingStep;
use crate::trainer::Trainer;

impl Trainer {
    /// Trains `model` on what `train` gives, with validation where it is due, until the epochs, steps or time are used
    /// up, a callback or [`stop_when`](crate::TrainerBuilder::stop_when) asks to stop, or something fails.
    ///
    /// The loader begins its epochs anew, or, with [`resume`](crate::TrainerBuilder::resume), goes on where the
    /// checkpoint left it. A layer's mode is the caller's choice; validation gives each layer its mode back.
    ///
    /// However it ends, also by an error or a panic of the model's code, a run folder has a checkpoint of the last
    /// whole step, unless a parameter holds what is no number.
    ///
    /// # Errors
    /// If a batch, step, loss, gradient or callback goes wrong, or the last checkpoint cannot be written.
    pub fn fit<M, D, V>(
        &mut self,
        model: &M,
        optimizer: &mut Optimizer,
        train: &DataLoader<D>,
        validation: Option<&DataLoader<V>>,
    ) -> Result<Fit, FitError>
    where
        M: TrainingStep,
        D: Dataset<Batch = M::Batch>,
        V: Dataset<Batch = M::Batch>,
    {
        Run::begin(self, model, optimizer, train, validation)?.guarded(Run::train)
    }
}

impl<M, D, V> Run<'_, M, D, V>
where
    M: TrainingStep,
    D: Dataset<Batch = M::Batch>,
    V: Dataset<Batch = M::Batch>,
{
    fn train(&mut self) -> Result<Outcome, FitError> {
        self.tell(Event::FitStart { steps: self.state.step })?;
        self.sanity_check()?;
        self.validate_between_steps()?;
        while self.ending().is_none() {
            let _epoch = tracing::info_span!("epoch", epoch = self.state.epoch).entered();
            profile::lap(Part::Around, "between epochs");
            self.train_epoch()?;
            if self.is_epoch_done() && !self.trainer.is_stopped() && self.finish_epoch()? {
                if self.trainer.settings.schedule_every == Every::Epoch {
                    self.step_schedule()?;
                }
                self.checkpoint_after_epoch()?;
            }
        }
        profile::lap(Part::Around, "between epochs");
        Ok(self.ending().expect("the loop ends by it"))
    }

    /// One epoch, or what a checkpoint has left of it, until it is done or training is to end.
    fn train_epoch(&mut self) -> Result<(), FitError> {
        let (first, batches) = (self.state.batch as usize, self.batches);
        if first >= batches {
            return Ok(()); // it was stopped between its last batch and the end of validation
        }
        self.begin_epoch(first, batches)?;
        let train = self.train;
        // The numbers first: a limited epoch asks for no batch more.
        for (index, batch) in (first..batches).zip(train) {
            profile::lap(Part::Around, "data");
            self.batch(index, &batch?)?;
            let is_last = index + 1 == batches;
            if self.window.batches == self.trainer.settings.accumulate || is_last {
                self.step(index)?;
                self.validate_between_steps()?;
                self.checkpoint_after_step()?;
                if self.ending().is_some() {
                    break;
                }
            } else if self.trainer.is_stopped() {
                break; // the window is begun anew by whoever resumes
            }
        }
        self.end_batches();
        Ok(())
    }

    /// Forward and backward.
    fn batch(&mut self, index: usize, batch: &M::Batch) -> Result<(), FitError> {
        let epoch = self.state.epoch;
        self.tell(Event::BatchStart { epoch, batch: index as u64 })?;
        self.trainer.trackers.set_step(self.state.step + 1);
        let (train_loss, train_metric) = tracing::debug_span!("forward")
            .in_scope(|| self.model.training_step(batch).map_err(FitError::step(epoch, index)))?;
        let loss = train_loss.item();
        if !loss.is_finite() && self.trainer.settings.non_finite == NonFinite::Skip {
            self.skip(&format!("epoch {}, batch {}: the loss is {loss}", epoch + 1, index + 1));
            return Ok(());
        }
        let loss = FitError::check_loss(loss, epoch, index, self.optimizer.lr())?;
        profile::lap(Part::Forward, "rest of training_step");
        let weight = self.model.weight(batch, &train_metric).max(1);
        tracing::debug_span!("backward").in_scope(|| match self.trainer.settings.accumulate {
            1 => train_loss.backward(),
            _ => self.accumulation.backward(&train_loss, weight as usize),
        })?;
        self.window.add(loss, weight, &train_metric);
        Ok(())
    }

    /// Uses the gradients of the batches up to `index`.
    fn step(&mut self, index: usize) -> Result<(), FitError> {
        if self.window.is_empty() {
            self.pass_over(index);
            return Ok(());
        }
        self.accumulation.finish(&self.clipped);
        self.tell(Event::BackwardEnd)?;
        if !self.optimizer.admit_gradients()? {
            self.skip(&format!("step {}: the gradients are not finite", self.state.step + 1));
            self.pass_over(index);
            return Ok(());
        }
        let grad_norm = self.clip()?;
        let lr = self.optimizer.lr();
        self.is_whole = false;
        tracing::debug_span!("optimizer").in_scope(|| self.optimizer.step())?;
        profile::lap(Part::Around, "optimizer.step");
        if self.trainer.settings.schedule_every == Every::Step {
            self.optimizer.schedule_step()?;
        }
        self.optimizer.zero_grad();
        profile::lap(Part::Around, "optimizer.zero_grad");
        if let Some(average) = &mut self.average {
            average.update();
        }
        let window = std::mem::take(&mut self.window);
        self.state.record(&window, index as u64 + 1);
        self.mark_whole();

        let (loss, metric, samples) = (window.loss.value(), window.metric.value(), window.metric.samples());
        self.trainer.trackers.log_metric("train_batch_loss", loss, self.state.step)?;
        self.trainer.show_messages();
        let accuracy = shown_as_accuracy::<M>(metric);
        self.trainer.progress.batch_done(&BatchProgress { loss, accuracy, samples, batch: index as u64 });
        let (step, epoch, batch) = (self.state.step, self.state.epoch, index as u64);
        self.tell(Event::StepEnd(&StepReport { step, epoch, batch, loss, metric, samples, grad_norm, lr }))?;
        profile::lap(Part::Around, "trackers and progress");
        Ok(())
    }

    /// Goes on behind batches that no step is taken on.
    fn pass_over(&mut self, index: usize) {
        self.optimizer.zero_grad();
        self.window = Window::default();
        self.state.batch = index as u64 + 1;
        self.mark_whole();
    }

    /// Counts what the policy leaves out, and says so the first few times.
    fn skip(&mut self, what: &str) {
        const TOLD: u64 = 5;
        self.state.skipped += 1;
        self.window.batches += 1;
        if self.state.skipped <= TOLD {
            let more = if self.state.skipped == TOLD { "; more are counted in silence" } else { "" };
            self.trainer.progress.message(&format!("{what}; skipped{more}"));
        }
    }

    /// Bounds the gradients as asked; their joint norm where that was needed.
    fn clip(&mut self) -> Result<Option<f64>, FitError> {
        let _span = tracing::debug_span!("clip").entered();
        if let Some(bound) = self.trainer.settings.clip_grad_value {
            clip_grad_value(&self.clipped, bound);
            profile::lap(Part::Around, "clip_grad_value");
        }
        let Some(max_norm) = self.trainer.settings.clip_grad_norm else { return Ok(None) };
        let norm = clip_grad_norm(&self.clipped, max_norm)?;
        profile::lap(Part::Around, "clip_grad_norm");
        Ok(Some(norm))
    }

    /// Moves the schedule at the end of an epoch, by the metric that it follows where it does.
    fn step_schedule(&mut self) -> Result<(), FitError> {
        let Some(AnySchedule::Metric(_)) = self.optimizer.schedule().map(|state| &state.schedule) else {
            return Ok(self.optimizer.schedule_step()?);
        };
        let metric = self.state.history.last().and_then(self.trainer.settings.schedule_metric);
        let epoch = self.state.epoch;
        let metric = metric.ok_or(FitError::NoScheduleMetric { schedule: ReduceLROnPlateau::NAME, epoch })?;
        Ok(self.optimizer.schedule_step_with(metric)?)
    }
}

/// The metric, where it is the one that displays have a column for; trackers write any.
pub(crate) fn shown_as_accuracy<M: TrainingStep>(metric: Option<f64>) -> Option<f64> {
    metric.filter(|_| M::Metric::NAME == Accuracy::NAME)
}
