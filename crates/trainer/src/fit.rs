//! The loop: batch, `training_step`, `backward`, `step`, `zero_grad`; after each epoch validation and a checkpoint.

use std::time::Instant;

use gradus_autograd::Param;
use gradus_autograd::profile::{self, Part};
use gradus_data::{DataLoader, Dataset};
use gradus_optim::{AnySchedule, Optimizer, ReduceLROnPlateau, clip_grad_norm};

use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::metrics::accuracy::Accuracy;
use crate::outcome::{Fit, Outcome};
use crate::progress::{BatchProgress, EpochReport};
use crate::state::TrainerState;
use crate::step::TrainingStep;
use crate::trackers::{End, Split};
use crate::trainer::{Every, Trainer};
use crate::validate::validate_until;

impl Trainer {
    /// Trains `model` on what `train` gives, with validation after each epoch, until the epochs are done or
    /// [`stop_when`](crate::TrainerBuilder::stop_when) asks to stop.
    ///
    /// The loader begins its epochs anew, or, with [`resume`](crate::TrainerBuilder::resume), goes on where the
    /// checkpoint left it. A layer's mode is the caller's choice; validation gives each layer its mode back.
    ///
    /// # Errors
    /// If a batch, step, loss or gradient goes wrong, or a file of the run cannot be written. Checkpoints stay.
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
        let mut state = self.begin(model, optimizer, train)?;
        while state.epoch < self.epochs {
            let _epoch = tracing::info_span!("epoch", epoch = state.epoch).entered();
            profile::lap(Part::Around, "between epochs");
            self.train_epoch(&mut state, model, optimizer, train)?;
            if !self.is_stopped() {
                check_parameters(model, &state, optimizer.lr())?;
                let finished = self.finish_epoch(&mut state, model, validation, optimizer.lr())?;
                if finished && self.schedule_every == Every::Epoch {
                    self.step_schedule(&state, optimizer)?;
                }
            }
            let interrupted = self.is_stopped() && state.epoch < self.epochs;
            if interrupted || self.is_checkpoint_due(state.epoch) {
                check_parameters(model, &state, optimizer.lr())?;
                let checkpoint = self.save(&mut state, model, optimizer, train)?;
                if interrupted {
                    self.finish_trackers(End::Interrupted);
                    self.progress.finished();
                    return Ok(state.into_fit(Outcome::Interrupted(checkpoint)));
                }
            }
        }
        profile::lap(Part::Around, "between epochs");
        self.finish_trackers(End::Finished);
        self.progress.finished();
        state.seconds += self.lap();
        Ok(state.into_fit(Outcome::Finished))
    }

    /// One epoch, or what a checkpoint has left of it; stops after a batch when asked to.
    fn train_epoch<M, D>(
        &mut self,
        state: &mut TrainerState<M::Metric>,
        model: &M,
        optimizer: &mut Optimizer,
        train: &DataLoader<D>,
    ) -> Result<(), FitError>
    where
        M: TrainingStep,
        D: Dataset<Batch = M::Batch>,
    {
        let position = train.state();
        if position.epoch > state.epoch {
            return Ok(()); // it was stopped between its last batch and the end of validation
        }
        self.trackers.set_epoch(state.epoch);
        self.progress.epoch_started(state.epoch, self.epochs, train.len() as u64, position.batch as u64);
        let started = Instant::now();
        for (index, batch) in (position.batch..).zip(train) {
            profile::lap(Part::Around, "data");
            self.trackers.set_step(state.step + 1);
            let (train_loss, train_metric) = tracing::debug_span!("forward")
                .in_scope(|| model.training_step(&batch?).map_err(FitError::step(state.epoch, index)))?;
            let loss = FitError::check_loss(train_loss.item(), state.epoch, index, optimizer.lr())?;
            profile::lap(Part::Forward, "rest of training_step");
            tracing::debug_span!("backward").in_scope(|| train_loss.backward())?;
            if let Some(max_norm) = self.clip_grad_norm {
                tracing::debug_span!("clip").in_scope(|| clip_grad_norm(&optimizer.parameters(), max_norm))?;
                profile::lap(Part::Around, "clip_grad_norm");
            }
            tracing::debug_span!("optimizer").in_scope(|| optimizer.step())?;
            profile::lap(Part::Around, "optimizer.step");
            if self.schedule_every == Every::Step {
                optimizer.schedule_step()?;
            }
            optimizer.zero_grad();
            profile::lap(Part::Around, "optimizer.zero_grad");

            state.record(loss, &train_metric);
            self.trackers.log_metric("train_batch_loss", loss, state.step)?;
            self.show_messages();
            let (accuracy, samples) = (shown_as_accuracy::<M>(train_metric.value()), train_metric.samples());
            self.progress.batch_done(&BatchProgress { loss, accuracy, samples, batch: index as u64 });
            profile::lap(Part::Around, "trackers and progress");
            if self.is_stopped() {
                break;
            }
        }
        state.training_seconds += started.elapsed().as_secs_f64();
        Ok(())
    }

    /// Moves the schedule at the end of an epoch, by the metric that it follows where it does.
    fn step_schedule<M: Metric>(&self, state: &TrainerState<M>, optimizer: &mut Optimizer) -> Result<(), FitError> {
        let Some(AnySchedule::Metric(_)) = optimizer.schedule().map(|state| &state.schedule) else {
            return Ok(optimizer.schedule_step()?);
        };
        let metric = state.history.last().and_then(self.schedule_metric);
        let metric =
            metric.ok_or(FitError::NoScheduleMetric { schedule: ReduceLROnPlateau::NAME, epoch: state.epoch })?;
        Ok(optimizer.schedule_step_with(metric)?)
    }

    /// Validates and reports an epoch whose batches are done; false if asked to stop on the way.
    fn finish_epoch<M, V>(
        &mut self,
        state: &mut TrainerState<M::Metric>,
        model: &M,
        validation: Option<&DataLoader<V>>,
        lr: f64,
    ) -> Result<bool, FitError>
    where
        M: TrainingStep,
        V: Dataset<Batch = M::Batch>,
    {
        let validated = match validation {
            None => None,
            Some(loader) => {
                let validated = validate_until(model, loader, || self.is_stopped())?;
                if validated.is_none() {
                    return Ok(false);
                }
                validated
            }
        };
        if let Some(loss) = validated.as_ref().map(|validated| validated.loss).filter(|loss| !loss.is_finite()) {
            return Err(FitError::NonFiniteValidation { epoch: state.epoch + 1, loss, lr });
        }
        state.seconds += self.lap();
        let record = state.finish_epoch(validated.as_ref());
        for (split, name, value) in [
            (Split::Train, "loss", Some(record.train_loss)),
            (Split::Train, M::Metric::NAME, record.train_metric),
            (Split::Val, "loss", record.val_loss),
            (Split::Val, M::Metric::NAME, record.val_metric),
        ] {
            if let Some(value) = value {
                self.trackers.log_of_epoch(name, value, record.step, (record.epoch, split))?;
            }
        }
        self.progress.epoch_done(&EpochReport {
            epoch: record.epoch,
            epochs: self.epochs,
            train_loss: record.train_loss,
            train_accuracy: shown_as_accuracy::<M>(record.train_metric),
            val_loss: record.val_loss,
            val_accuracy: shown_as_accuracy::<M>(record.val_metric),
            seconds: state.seconds,
            samples_per_second: state.samples_per_second(),
        });
        Ok(true)
    }
}

/// The metric, where it is the one that displays have a column for; trackers write any.
fn shown_as_accuracy<M: TrainingStep>(metric: Option<f64>) -> Option<f64> {
    metric.filter(|_| M::Metric::NAME == Accuracy::NAME)
}

/// Errors where a parameter holds what is no number to go on with: once an epoch, and before every checkpoint.
fn check_parameters<M: TrainingStep>(model: &M, state: &TrainerState<M::Metric>, lr: f64) -> Result<(), FitError> {
    let finite = |parameter: &Param| parameter.value().view().iter().all(|x| x.is_finite());
    match model.named_parameters().into_iter().find(|(_, parameter)| !finite(parameter)) {
        Some((name, _)) => Err(FitError::NonFiniteParameter { epoch: state.epoch + 1, step: state.step, name, lr }),
        None => Ok(()),
    }
}
