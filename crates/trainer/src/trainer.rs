//! `Trainer`: the settings of a training run, and how it begins, saves and ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gradus_data::{DataLoader, Dataset, LoaderState};
use gradus_optim::Optimizer;

use crate::fit_error::FitError;
use crate::outcome::EpochRecord;
use crate::progress::{Progress, Silent};
use crate::run_dir::RunDir;
use crate::state::{self, TrainerState};
use crate::step::TrainingStep;
use crate::trackers::{End, Experiment, Opener, TrackerPositions, Trackers};

/// Owns the batch loop: see [`fit`](Self::fit).
pub struct Trainer {
    pub(crate) epochs: u64,
    pub(crate) trackers: Trackers,
    pub(crate) progress: Box<dyn Progress>,
    run: Option<RunDir>,
    resume: bool,
    checkpoint_every: Duration,
    keep_checkpoints: usize,
    pub(crate) clip_grad_norm: Option<f64>,
    pub(crate) schedule_every: Every,
    pub(crate) schedule_metric: fn(&EpochRecord) -> Option<f64>,
    stop: Arc<AtomicBool>,
    /// When time was last taken, and a checkpoint saved.
    lap: Instant,
    saved: Instant,
}

/// Settings of a [`Trainer`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct TrainerBuilder {
    epochs: u64,
    trackers: Trackers,
    progress: Box<dyn Progress>,
    run: Option<RunDir>,
    resume: bool,
    checkpoint_every: Duration,
    keep_checkpoints: usize,
    clip_grad_norm: Option<f64>,
    schedule_every: Every,
    schedule_metric: fn(&EpochRecord) -> Option<f64>,
    stop: Arc<AtomicBool>,
}

/// How often something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// After each optimizer step.
    Step,
    /// At the end of each epoch.
    #[default]
    Epoch,
}

impl Trainer {
    /// Settings to change before [`build`](TrainerBuilder::build): 1 epoch, silent, nothing written.
    pub fn builder() -> TrainerBuilder {
        TrainerBuilder {
            epochs: 1,
            trackers: Trackers::none(),
            progress: Box::new(Silent),
            run: None,
            resume: false,
            checkpoint_every: Duration::from_secs(30),
            keep_checkpoints: 3,
            clip_grad_norm: None,
            schedule_every: Every::Epoch,
            schedule_metric: |epoch| epoch.val_loss,
            stop: Arc::default(),
        }
    }

    /// A fresh run's state, or that of the newest checkpoint.
    pub(crate) fn begin<M: TrainingStep, D: Dataset>(
        &mut self,
        model: &M,
        optimizer: &mut Optimizer,
        train: &DataLoader<D>,
    ) -> Result<TrainerState<M::Metric>, FitError> {
        if train.is_empty() {
            return Err(FitError::NoBatches);
        }
        (self.lap, self.saved) = (Instant::now(), Instant::now());
        if !self.resume {
            train.set_state(&LoaderState { epoch: 0, batch: 0, ..train.state() })?;
            if let Some(run) = &self.run {
                self.trackers.open(run, &TrackerPositions::default())?;
            }
            return Ok(TrainerState::default());
        }
        let run = self.run.as_ref().expect("the builder resumes from a run folder");
        let resumed = state::load(&run.checkpoints(), model, optimizer, train)?;
        for passed_over in &resumed.passed_over {
            self.progress.message(&passed_over.to_string());
        }
        self.trackers.open(run, &resumed.trackers)?;
        let (step, done, epochs) = (resumed.state.step, resumed.state.epoch, self.epochs);
        if done > epochs {
            return Err(FitError::FewerEpochs { done, epochs });
        }
        self.progress.message(&if done == epochs {
            format!("all {epochs} epochs are done already; ask for more to go on")
        } else {
            format!("resumed at step {step}, epoch {} of {epochs}", done + 1)
        });
        Ok(resumed.state)
    }

    /// Saves a checkpoint where there is a run folder; its path.
    pub(crate) fn save<M: TrainingStep, D: Dataset>(
        &mut self,
        state: &mut TrainerState<M::Metric>,
        model: &M,
        optimizer: &Optimizer,
        train: &DataLoader<D>,
    ) -> Result<Option<PathBuf>, FitError> {
        let Some(run) = &self.run else { return Ok(None) };
        let _span = tracing::info_span!("checkpoint", step = state.step).entered();
        let (dir, keep) = (run.checkpoints(), self.keep_checkpoints);
        state.seconds += self.lap();
        let positions = self.trackers.positions()?;
        let path = state::save(&dir, keep, state, model, optimizer, train, positions)?;
        self.saved = Instant::now();
        Ok(Some(path))
    }

    /// Whether a finished epoch is to be saved: the last always, others when enough time has passed.
    pub(crate) fn is_checkpoint_due(&self, finished_epochs: u64) -> bool {
        finished_epochs >= self.epochs || self.saved.elapsed() >= self.checkpoint_every
    }

    /// Whether training was asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Shows what trackers have to say.
    pub(crate) fn show_messages(&mut self) {
        for message in self.trackers.messages() {
            self.progress.message(&message);
        }
    }

    /// Ends the run for its trackers; what goes to a server is sent within half a minute or stays in the run's folder.
    pub(crate) fn finish_trackers(&mut self, end: End) {
        self.trackers.finish(end, Duration::from_secs(30));
        self.show_messages();
    }

    /// A handle for code of your own to log through, such as a model's `training_step`; its step is the loop's. Good
    /// before [`fit`](Self::fit) is called.
    pub fn experiment(&self) -> Experiment {
        self.trackers.experiment()
    }

    /// Seconds since this was last asked.
    pub(crate) fn lap(&mut self) -> f64 {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.lap, now)).as_secs_f64()
    }
}

impl TrainerBuilder {
    /// Train for `epochs` in all, those before a resume included.
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.epochs = epochs;
        self
    }

    /// Shows progress there.
    pub fn progress(mut self, progress: Box<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Adds a tracker to those of a run's folder, CSV and JSON lines. `opener` is called when training begins: with the
    /// folder and, where a checkpoint knows a tracker of that name, the position it is to go on from. Without a run
    /// folder it is not called.
    pub fn tracker(mut self, name: impl Into<String>, opener: Opener) -> Self {
        self.trackers.add_later(name.into(), opener);
        self
    }

    /// Writes metrics and checkpoints into this folder.
    pub fn run_dir(mut self, run: RunDir) -> Self {
        self.run = Some(run);
        self
    }

    /// Goes on from the newest whole checkpoint in this folder; to the same bits as if it had never stopped.
    pub fn resume(mut self, run: RunDir) -> Self {
        (self.run, self.resume) = (Some(run), true);
        self
    }

    /// Saves a checkpoint at the end of an epoch when this much time has passed since the last (default 30 s). One is
    /// saved at the end and when training is asked to stop, in any case.
    pub fn checkpoint_every(mut self, interval: Duration) -> Self {
        self.checkpoint_every = interval;
        self
    }

    /// Keeps this many checkpoints (default 3, at least 1).
    pub fn keep_checkpoints(mut self, count: usize) -> Self {
        self.keep_checkpoints = count.max(1);
        self
    }

    /// Scales the gradients of each step so that their joint norm is at most `max_norm`
    /// ([`clip_grad_norm`](gradus_optim::clip_grad_norm)).
    pub fn clip_grad_norm(mut self, max_norm: f64) -> Self {
        self.clip_grad_norm = Some(max_norm);
        self
    }

    /// When the optimizer's schedule moves (default: with the epoch, after validation). One that follows a metric, as
    /// [`ReduceLROnPlateau`](gradus_optim::ReduceLROnPlateau), moves with the epoch alone: with the step it is an
    /// error.
    pub fn schedule_every(mut self, every: Every) -> Self {
        self.schedule_every = every;
        self
    }

    /// What a schedule that follows a metric is given (default: the validation loss, `|epoch| epoch.val_loss`).
    pub fn schedule_metric(mut self, metric: fn(&EpochRecord) -> Option<f64>) -> Self {
        self.schedule_metric = metric;
        self
    }

    /// Ends training after the present batch, with a checkpoint, once the flag is true: for Ctrl-C.
    pub fn stop_when(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = flag;
        self
    }

    /// The trainer.
    pub fn build(self) -> Trainer {
        let now = Instant::now();
        Trainer {
            epochs: self.epochs,
            trackers: self.trackers,
            progress: self.progress,
            run: self.run,
            resume: self.resume,
            checkpoint_every: self.checkpoint_every,
            keep_checkpoints: self.keep_checkpoints,
            clip_grad_norm: self.clip_grad_norm,
            schedule_every: self.schedule_every,
            schedule_metric: self.schedule_metric,
            stop: self.stop,
            lap: now,
            saved: now,
        }
    }
}
