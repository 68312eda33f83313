//! `TrainerBuilder`: the settings of a training run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gradus_optim::{Averaging, NonFinite};

use crate::callbacks::Callback;
use crate::monitor::Monitor;
use crate::outcome::EpochRecord;
use crate::progress::{Progress, Silent};
use crate::run_dir::RunDir;
use crate::settings::{Every, Settings, ValidateEvery};
use crate::trackers::{Opener, Parameter, Trackers};
use crate::trainer::Trainer;

/// Settings of a [`Trainer`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct TrainerBuilder {
    settings: Settings,
    trackers: Trackers,
    callbacks: Vec<Box<dyn Callback>>,
    progress: Box<dyn Progress>,
    run: Option<RunDir>,
}

/// How long.
impl TrainerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::default(),
            trackers: Trackers::none(),
            callbacks: Vec::new(),
            progress: Box::new(Silent),
            run: None,
        }
    }

    /// Train for `epochs` in all, those before a resume included (default 1).
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.settings.epochs = epochs;
        self
    }

    /// Ends after so many optimizer steps in all, also in the middle of an epoch, which a resumed run goes on with.
    pub fn max_steps(mut self, steps: u64) -> Self {
        self.settings.max_steps = Some(steps);
        self
    }

    /// Ends at the first step after so much time in this session.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.settings.max_time = Some(time);
        self
    }

    /// Ends training after the present step, with a checkpoint, once the flag is true: for Ctrl-C.
    pub fn stop_when(mut self, flag: Arc<AtomicBool>) -> Self {
        self.settings.stop = flag;
        self
    }

    /// Takes only the first `batches` of each epoch's order, to try things out.
    pub fn limit_train_batches(mut self, batches: usize) -> Self {
        self.settings.train_batches = Some(batches);
        self
    }

    /// Validates on the first `batches` only.
    pub fn limit_validation_batches(mut self, batches: usize) -> Self {
        self.settings.validation_batches = Some(batches);
        self
    }

    /// Trains on the same first `batches` again and again: a model that cannot learn these by heart has a fault.
    pub fn overfit_batches(mut self, batches: usize) -> Self {
        (self.settings.train_batches, self.settings.overfit) = (Some(batches), true);
        self
    }
}

/// How a step is taken.
impl TrainerBuilder {
    /// Begins the random streams of this thread (initial weights, dropout) with this seed, where the run is a new one.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Takes one step on every `batches` batches, as if they were one: each counts by its
    /// [`weight`](crate::TrainingStep::weight), and an epoch's last step is on those that are left.
    pub fn accumulate(mut self, batches: usize) -> Self {
        self.settings.accumulate = batches.max(1);
        self
    }

    /// Scales the gradients of each step so that their joint norm is at most `max_norm`
    /// ([`clip_grad_norm`](gradus_optim::clip_grad_norm)).
    pub fn clip_grad_norm(mut self, max_norm: f64) -> Self {
        self.settings.clip_grad_norm = Some(max_norm);
        self
    }

    /// Bounds every element of every gradient to `-bound..=bound`, before the norm is bounded.
    pub fn clip_grad_value(mut self, bound: f64) -> Self {
        self.settings.clip_grad_value = Some(bound);
        self
    }

    /// When the optimizer's schedule moves (default: with the epoch, after validation). One that follows a metric, as
    /// [`ReduceLROnPlateau`](gradus_optim::ReduceLROnPlateau), moves with the epoch alone: with the step it is an
    /// error.
    pub fn schedule_every(mut self, every: Every) -> Self {
        self.settings.schedule_every = every;
        self
    }

    /// What a schedule that follows a metric is given (default: the validation loss, `|epoch| epoch.val_loss`).
    pub fn schedule_metric(mut self, metric: fn(&EpochRecord) -> Option<f64>) -> Self {
        self.settings.schedule_metric = metric;
        self
    }

    /// What is done where a loss or a gradient is NaN or infinite. By default ([`NonFinite::Pass`]) a loss that is no
    /// number ends training before its step, and gradients are not looked at: what they spoil ends training at the next
    /// batch. [`NonFinite::Stop`] looks at them and ends training before the step that they would spoil;
    /// [`NonFinite::Skip`] leaves such batches and steps out, counts them, and goes on; [`NonFinite::Clip`] makes
    /// numbers of them, but ends training at a loss that is none.
    pub fn non_finite(mut self, policy: NonFinite) -> Self {
        self.settings.non_finite = policy;
        self
    }

    /// Where a run is resumed, takes learning rate, hyper-parameters and schedule from the optimizer that is given, not
    /// from the checkpoint: the schedule begins anew. Without it, an optimizer that differs from the checkpoint's is an
    /// error.
    pub fn reset_schedule(mut self, reset: bool) -> Self {
        self.settings.reset_schedule = reset;
        self
    }

    /// Averages the weights over the steps, and validates the averages. They are saved in checkpoints; the model keeps
    /// the weights that were trained.
    pub fn average_weights(mut self, averaging: Averaging) -> Self {
        self.settings.averaging = Some(averaging);
        self
    }
}

/// What is measured and told.
impl TrainerBuilder {
    /// When validation runs (default: at the end of every epoch).
    pub fn validate_every(mut self, every: ValidateEvery) -> Self {
        self.settings.validate_every = every;
        self
    }

    /// Validates `batches` before the first step of a new run, so that what is wrong there shows at once (default 0).
    pub fn sanity_validation(mut self, batches: usize) -> Self {
        self.settings.sanity_batches = batches;
        self
    }

    /// Tells `callback` what happens; those that were added first first.
    ///
    /// # Panics
    /// If another has its name.
    #[track_caller]
    pub fn callback(mut self, callback: impl Callback + 'static) -> Self {
        let name = callback.name();
        assert!(
            self.callbacks.iter().all(|other| other.name() != name),
            "callback: there is a second one named {name}"
        );
        self.callbacks.push(Box::new(callback));
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

    /// Settings of the run, its hyper-parameters, for trackers that show them. A resumed run has them already.
    pub fn parameters(mut self, parameters: impl IntoIterator<Item = (String, Parameter)>) -> Self {
        self.settings.parameters.extend(parameters);
        self
    }
}

/// What is kept.
impl TrainerBuilder {
    /// Writes metrics and checkpoints into this folder.
    pub fn run_dir(mut self, run: RunDir) -> Self {
        self.run = Some(run);
        self
    }

    /// Goes on from the newest whole checkpoint in this folder; to the same bits as if it had never stopped.
    pub fn resume(mut self, run: RunDir) -> Self {
        (self.run, self.settings.resume) = (Some(run), true);
        self
    }

    /// Saves a checkpoint at the end of the first step after so much time since the last (default 30 s). Saving runs
    /// beside training. One is saved at the end and when training is asked to stop, in any case.
    pub fn checkpoint_every(mut self, interval: Duration) -> Self {
        self.settings.checkpoint_every = interval;
        self
    }

    /// Also saves one after every so many steps.
    pub fn checkpoint_every_steps(mut self, steps: u64) -> Self {
        self.settings.checkpoint_steps = Some(steps);
        self
    }

    /// Also saves one at the end of every so many epochs.
    pub fn checkpoint_every_epochs(mut self, epochs: u64) -> Self {
        self.settings.checkpoint_epochs = Some(epochs);
        self
    }

    /// Keeps this many checkpoints (default 3, at least 1).
    pub fn keep_checkpoints(mut self, count: usize) -> Self {
        self.settings.keep_checkpoints = count.max(1);
        self
    }

    /// Also keeps the checkpoints of the `count` best epochs, in the run's folder [`best`](RunDir::best).
    pub fn keep_best(mut self, monitor: Monitor, count: usize) -> Self {
        self.settings.keep_best = Some((monitor, count.max(1)));
        self
    }

    /// The trainer.
    pub fn build(self) -> Trainer {
        Trainer::new(self.settings, self.trackers, self.callbacks, self.progress, self.run)
    }
}
