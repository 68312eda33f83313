//! What a run saves and when, and how it goes on from what was saved.

use std::path::{Path, PathBuf};
use std::time::Instant;

use gradus_autograd::Param;
use gradus_data::{Dataset, LoaderState};

use crate::callbacks::Event;
use crate::checkpoint;
use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::origin::Origin;
use crate::run::Run;
use crate::state::{self, Snapshot};
use crate::step::TrainingStep;
use crate::trackers::TrackerPositions;

impl<M, D, V> Run<'_, M, D, V>
where
    M: TrainingStep,
    D: Dataset<Batch = M::Batch>,
    V: Dataset<Batch = M::Batch>,
{
    /// Begins a fresh run, or goes on from the newest whole checkpoint.
    pub(crate) fn begin_or_resume(&mut self) -> Result<(), FitError> {
        self.trainer.start_clock();
        if !self.trainer.settings.resume {
            self.train.set_state(&LoaderState { epoch: 0, batch: 0, ..self.train.state() })?;
            if let Some(run) = &self.trainer.run {
                self.trainer.trackers.open(run, &TrackerPositions::default())?;
                self.trainer.experiment().log_parameters(self.trainer.settings.parameters.clone());
            }
            return Ok(());
        }
        let settings = &self.trainer.settings;
        let run = self.trainer.run.clone().expect("the builder resumes from a run folder");
        let resumed = state::load(&run.checkpoints(), self.model, self.optimizer, self.train, settings.reset_schedule)?;
        for passed_over in &resumed.passed_over {
            self.trainer.progress.message(&passed_over.to_string());
        }
        for change in resumed.origin.changes(&Origin::now()) {
            self.trainer.progress.message(&change);
        }
        match (&mut self.average, resumed.average) {
            (Some(average), Some(saved)) => average.load_state(saved)?,
            (Some(_), None) => {
                self.trainer.progress.message("the checkpoint holds no averaged weights; they begin anew");
            }
            (None, _) => {}
        }
        for callback in &mut self.trainer.callbacks {
            if let Some(saved) = resumed.callbacks.get(callback.name())
                && let Err(error) = callback.load_state(saved)
            {
                return Err(FitError::Callback { name: callback.name().to_owned(), error });
            }
        }
        self.trainer.trackers.open(&run, &resumed.trackers)?;
        self.state = resumed.state;
        self.last_saved = Some((resumed.path, self.state.place()));
        self.say_where_it_goes_on()
    }

    fn say_where_it_goes_on(&mut self) -> Result<(), FitError> {
        let (step, done, epochs) = (self.state.step, self.state.epoch, self.trainer.settings.epochs);
        if done > epochs {
            return Err(FitError::FewerEpochs { done, epochs });
        }
        self.trainer.progress.message(&if done == epochs {
            format!("all {epochs} epochs are done already; ask for more to go on")
        } else {
            format!("resumed at step {step}, epoch {} of {epochs}", done + 1)
        });
        Ok(())
    }

    /// Notes that weights and state belong together, and what of them the next batches will change.
    pub(crate) fn mark_whole(&mut self) {
        self.boundary.renew(self.model);
        self.is_whole = true;
    }

    /// The place of the next batch after the last whole step.
    pub(crate) fn loader_state(&self) -> LoaderState {
        let own = self.train.state();
        // To overfit is to read the first epoch's batches again and again.
        let epoch = if self.trainer.settings.overfit { 0 } else { self.state.epoch };
        match self.state.batch as usize {
            batch if batch < self.train.len() => LoaderState { epoch, batch, ..own },
            // The epoch is over, but for its validation.
            _ => LoaderState { epoch: epoch + 1, batch: 0, ..own },
        }
    }

    pub(crate) fn checkpoint_after_step(&mut self) -> Result<(), FitError> {
        let settings = &self.trainer.settings;
        let is_due = settings.checkpoint_steps.is_some_and(|steps| self.state.step.is_multiple_of(steps.max(1)))
            || self.trainer.is_checkpoint_due()
            || self.is_overdue;
        if is_due { self.save_behind() } else { self.tell_of_saves() }
    }

    pub(crate) fn checkpoint_after_epoch(&mut self) -> Result<(), FitError> {
        self.check_parameters()?;
        let settings = &self.trainer.settings;
        let is_due = settings.checkpoint_epochs.is_some_and(|epochs| self.state.epoch.is_multiple_of(epochs.max(1)))
            || self.trainer.is_checkpoint_due();
        if let Some((monitor, keep)) = settings.keep_best
            && let Some(value) = self.state.history.last().and_then(|epoch| monitor.of(epoch))
            && monitor.is_better(value, self.state.best, 0.0)
        {
            self.state.best = Some(value);
            self.save_best(keep)?;
        }
        if is_due { self.save_behind() } else { self.tell_of_saves() }
    }

    /// Begins to save the present step, unless the last save is still being written.
    fn save_behind(&mut self) -> Result<(), FitError> {
        self.tell_of_saves()?;
        if self.trainer.writer.is_busy() {
            self.is_overdue = true;
            return Ok(());
        }
        self.is_overdue = false;
        let Some(run) = &self.trainer.run else { return Ok(()) };
        let (dir, keep) = (run.checkpoints(), self.trainer.settings.keep_checkpoints);
        let snapshot = self.snapshot()?;
        (self.trainer.saved, self.being_saved) = (Instant::now(), Some(self.state.place()));
        let ended = self.trainer.writer.begin(move || snapshot.save(&dir, keep));
        ended.map_or(Ok(()), |ended| self.tell_of_save(ended))
    }

    /// Saves the present step as one of the best so far, when the last save is done.
    fn save_best(&mut self, keep: usize) -> Result<(), FitError> {
        let Some(dir) = self.trainer.run.as_ref().map(|run| run.best()) else { return Ok(()) };
        if let Some(ended) = self.trainer.writer.wait() {
            self.tell_of_save(ended)?;
        }
        let snapshot = self.snapshot()?;
        self.being_saved = None;
        // Each is better than those before, so the newest are the best.
        let ended = self.trainer.writer.begin(move || snapshot.save(&dir, keep));
        ended.map_or(Ok(()), |ended| self.tell_of_save(ended))
    }

    /// What saves that ran beside training have come to since this was last asked.
    fn tell_of_saves(&mut self) -> Result<(), FitError> {
        match self.trainer.writer.ended() {
            Some(ended) => self.tell_of_save(ended),
            None => Ok(()),
        }
    }

    /// A save that failed is tried again when the next is due; weights that are no numbers end training.
    fn tell_of_save(&mut self, ended: Result<PathBuf, FitError>) -> Result<(), FitError> {
        match ended {
            Ok(path) => {
                self.last_saved = self.being_saved.take().map(|place| (path.clone(), place)).or(self.last_saved.take());
                self.tell(Event::CheckpointSaved { path: &path })
            }
            Err(error @ FitError::NonFiniteParameter { .. }) => Err(error),
            Err(error) => {
                self.trainer.progress.message(&format!("{error}; training goes on, and saving is tried again"));
                Ok(())
            }
        }
    }

    /// Saves the last whole step, unless it is saved already; its folder.
    pub(crate) fn save_last(&mut self) -> Result<Option<PathBuf>, FitError> {
        let running = self.trainer.writer.wait();
        running.map_or(Ok(()), |ended| self.tell_of_save(ended))?;
        let Some(run) = &self.trainer.run else { return Ok(None) };
        if !self.is_whole {
            return Ok(None); // in the middle of a step; the checkpoint before stays the last
        }
        let place = self.state.place();
        if let Some((path, _)) = self.last_saved.as_ref().filter(|(_, saved)| *saved == place) {
            return Ok(Some(path.clone())); // nothing has happened since
        }
        let (dir, keep) = (run.checkpoints(), self.trainer.settings.keep_checkpoints);
        let _span = tracing::info_span!("checkpoint", step = self.state.step).entered();
        self.boundary.restore(self.model);
        let path = self.snapshot()?.save(&dir, keep)?;
        (self.trainer.saved, self.last_saved) = (Instant::now(), Some((path.clone(), place)));
        self.tell(Event::CheckpointSaved { path: &path })?;
        Ok(Some(path))
    }

    /// Everything that a run goes on from, as of the last whole step; tensors are shared, not copied.
    fn snapshot(&mut self) -> Result<Snapshot<M::Metric>, FitError> {
        self.state.seconds += self.trainer.lap();
        let trackers = self.trainer.trackers.positions();
        let callbacks = &self.trainer.callbacks;
        let callbacks = callbacks.iter().map(|callback| (callback.name().to_owned(), callback.state())).collect();
        Ok(Snapshot::of(
            self.model,
            self.optimizer,
            self.average.as_ref(),
            (&self.state, self.loader_state(), self.boundary.random.clone()),
            (trackers, callbacks),
        ))
    }

    /// Errors where a parameter holds what is no number to go on with.
    fn check_parameters(&self) -> Result<(), FitError> {
        let finite = |parameter: &Param| parameter.value().view().iter().all(|x| x.is_finite());
        match self.model.named_parameters().into_iter().find(|(_, parameter)| !finite(parameter)) {
            None => Ok(()),
            Some((name, _)) => Err(FitError::NonFiniteParameter {
                epoch: self.state.epoch,
                step: self.state.step,
                name,
                lr: self.optimizer.lr(),
            }),
        }
    }
}

impl<T: Metric> Snapshot<T> {
    /// Saves this as the checkpoint of its step in `dir`, and keeps the newest `keep`.
    pub(crate) fn save(self, dir: &Path, keep: usize) -> Result<PathBuf, FitError> {
        let step = self.step();
        let files = self.encode()?;
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let path = checkpoint::save(dir, step, &files)?;
        checkpoint::retain(dir, keep)?;
        Ok(path)
    }
}
