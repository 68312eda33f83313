//! Everything a run must remember to go on as if it had never stopped, and how that becomes a checkpoint and back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gradus_data::{DataLoader, Dataset, LoaderState};
use gradus_nn::{Module, StateDict, StateError};
use gradus_optim::{Algorithm, AveragedState, AveragedWeights, Averaging, Optimizer, OptimizerState, ScheduleState};
use gradus_tensor::Tensor;
use gradus_tensor::random::{self, RandomState};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, Loaded, PassedOver, codec};
use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::metrics::mean::Mean;
use crate::metrics::window::Window;
use crate::origin::Origin;
use crate::outcome::{EpochRecord, Fit, Outcome, ValidationRecord};
use crate::trackers::TrackerPositions;

const MODEL: &str = "model.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const AVERAGE: &str = "average.safetensors";
const STATE: &str = "state.bin";

/// Where training stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainerState<M> {
    /// Finished epochs, which is also the number of the present one.
    pub(crate) epoch: u64,
    /// Batches of the present epoch that steps were taken on.
    pub(crate) batch: u64,
    /// Optimizer steps taken.
    pub(crate) step: u64,
    /// Batches and steps left out because numbers were not finite.
    pub(crate) skipped: u64,
    /// Over the present epoch so far.
    pub(crate) loss: Mean,
    pub(crate) metric: M,
    pub(crate) history: Vec<EpochRecord>,
    /// Between the ends of epochs.
    pub(crate) validations: Vec<ValidationRecord>,
    /// The best value of what is monitored for the best checkpoints.
    pub(crate) best: Option<f64>,
    /// Seconds spent in all, and in training steps, and samples trained on.
    pub(crate) seconds: f64,
    pub(crate) training_seconds: f64,
    pub(crate) samples: u64,
}

impl<M: Metric> TrainerState<M> {
    /// Counts a step on these batches, the last of which is number `batch` of the epoch, counted from 1.
    pub(crate) fn record(&mut self, window: &Window<M>, batch: u64) {
        self.step += 1;
        self.batch = batch;
        self.samples += window.metric.samples();
        self.loss.merge(&window.loss);
        self.metric.merge(&window.metric);
    }

    /// Ends the epoch with what validation measured.
    pub(crate) fn finish_epoch(&mut self, validated: Option<&ValidationRecord>) -> EpochRecord {
        let record = EpochRecord {
            epoch: self.epoch,
            step: self.step,
            train_loss: self.loss.value(),
            train_metric: self.metric.value(),
            val_loss: validated.map(|validated| validated.loss),
            val_metric: validated.and_then(|validated| validated.metric),
        };
        self.history.push(record.clone());
        (self.loss, self.metric) = (Mean::default(), M::default());
        (self.epoch, self.batch) = (self.epoch + 1, 0);
        record
    }

    /// Where training stands: steps taken, finished epochs, batches of the present one.
    pub(crate) fn place(&self) -> [u64; 3] {
        [self.step, self.epoch, self.batch]
    }

    /// Training samples a second, over the time spent in training steps.
    pub(crate) fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.training_seconds
    }

    pub(crate) fn into_fit(self, outcome: Outcome) -> Fit {
        Fit {
            outcome,
            steps: self.step,
            skipped: self.skipped,
            seconds: self.seconds,
            samples_per_second: self.samples_per_second(),
            epochs: self.history,
            validations: self.validations,
        }
    }
}

/// What `state.bin` holds, in the order that its format fixes.
#[derive(Serialize, Deserialize)]
struct Saved<M> {
    trainer: TrainerState<M>,
    loader: LoaderState,
    random: RandomState,
    algorithms: Vec<Algorithm>,
    optimizer_groups: BTreeMap<String, usize>,
    schedule: Option<ScheduleState>,
    optimizer_steps: BTreeMap<String, u64>,
    average: Option<(Averaging, u64)>,
    trackers: TrackerPositions,
    callbacks: BTreeMap<String, Vec<u8>>,
    origin: Origin,
}

/// What forward passes change before a step is taken, as of the last whole step: random numbers drawn, and buffers such
/// as the running statistics of batch normalisation.
pub(crate) struct Boundary {
    pub(crate) random: RandomState,
    /// `None` for a model that has none.
    buffers: Option<StateDict>,
}

impl Boundary {
    /// As it is now.
    pub(crate) fn of(model: &impl Module) -> Self {
        Self { random: random::state(), buffers: Some(StateDict::of_buffers(model)).filter(|state| !state.is_empty()) }
    }

    /// The same of the same model later.
    pub(crate) fn renew(&mut self, model: &impl Module) {
        self.random = random::state();
        if let Some(buffers) = &mut self.buffers {
            *buffers = StateDict::of_buffers(model);
        }
    }

    /// Gives the model the buffers of then.
    pub(crate) fn restore(&self, model: &impl Module) {
        self.buffers.iter().for_each(|buffers| buffers.restore_buffers(model));
    }
}

/// A run read back from a checkpoint.
pub(crate) struct Resumed<M> {
    /// The checkpoint's folder.
    pub(crate) path: PathBuf,
    pub(crate) state: TrainerState<M>,
    pub(crate) average: Option<AveragedState>,
    pub(crate) trackers: TrackerPositions,
    pub(crate) callbacks: BTreeMap<String, Vec<u8>>,
    pub(crate) origin: Origin,
    pub(crate) passed_over: Vec<PassedOver>,
}

/// Everything that a run goes on from, at one step. It shares the tensors' memory, so taking it costs pointers; what is
/// written to afterwards is copied then.
pub(crate) struct Snapshot<M> {
    saved: Saved<M>,
    model: StateDict,
    optimizer: Vec<(String, Tensor)>,
    average: Option<Vec<(String, Tensor)>>,
    /// For messages.
    lr: f64,
}

impl<M: Metric> Snapshot<M> {
    pub(crate) fn of(
        model: &impl Module,
        optimizer: &Optimizer,
        average: Option<&AveragedWeights>,
        (trainer, loader, random): (&TrainerState<M>, LoaderState, RandomState),
        (trackers, callbacks): (TrackerPositions, BTreeMap<String, Vec<u8>>),
    ) -> Self {
        let OptimizerState { algorithms, groups, schedule, steps, tensors } = optimizer.state();
        let average = average.map(AveragedWeights::state);
        Self {
            saved: Saved {
                trainer: trainer.clone(),
                loader,
                random,
                algorithms,
                optimizer_groups: groups,
                schedule,
                optimizer_steps: steps,
                average: average.as_ref().map(|state| (state.averaging, state.updates)),
                trackers,
                callbacks,
                origin: Origin::now(),
            },
            model: StateDict::of(model),
            optimizer: tensors,
            average: average.map(|state| state.tensors),
            lr: optimizer.lr(),
        }
    }

    pub(crate) fn step(&self) -> u64 {
        self.saved.trainer.step
    }

    /// The checkpoint's files by name.
    ///
    /// # Errors
    /// If a number of the model is not finite: nobody wants to go on from that.
    pub(crate) fn encode(self) -> Result<Vec<(&'static str, Vec<u8>)>, FitError> {
        let TrainerState { step, epoch, .. } = self.saved.trainer;
        let finite = |(_, tensor): &&(String, Tensor)| !tensor.view().iter().all(|x| x.is_finite());
        if let Some((name, _)) = self.model.entries().iter().find(finite) {
            return Err(FitError::NonFiniteParameter { epoch: epoch + 1, step, name: name.clone(), lr: self.lr });
        }
        let mut files = vec![
            (MODEL, self.model.to_safetensors()),
            (OPTIMIZER, StateDict::new(self.optimizer).to_safetensors()),
            (STATE, codec::encode(&self.saved)),
        ];
        files.extend(self.average.map(|tensors| (AVERAGE, StateDict::new(tensors).to_safetensors())));
        Ok(files)
    }
}

/// Puts model, optimizer, loader and this thread's random streams where the newest whole checkpoint in `dir` left them.
pub(crate) fn load<T: Metric, D: Dataset>(
    dir: &Path,
    model: &impl Module,
    optimizer: &mut Optimizer,
    loader: &DataLoader<D>,
    reset_schedule: bool,
) -> Result<Resumed<T>, FitError> {
    let Loaded { path, files, passed_over, .. } = checkpoint::load_newest(dir)?;
    let file = |name: &str| {
        let missing = || FitError::Incomplete { path: path.clone(), file: name.to_owned() };
        files.get(name).map(Vec::as_slice).ok_or_else(missing)
    };
    let unfit = |file: &str| {
        let path = path.join(file);
        move |error: StateError| FitError::Unfit { path, error }
    };
    let saved: Saved<T> = decode(file(STATE)?, &path.join(STATE))?;
    let present = optimizer.state();
    let (theirs, ours) = (
        as_begun(&saved.algorithms, saved.schedule.as_ref()),
        as_begun(&present.algorithms, present.schedule.as_ref()),
    );
    if theirs != ours && !reset_schedule {
        let told = |algorithms: &[Algorithm]| {
            let told = algorithms.iter().map(|algorithm| format!("{} (lr {})", algorithm.name(), algorithm.lr()));
            told.collect::<Vec<_>>().join(", ")
        };
        return Err(FitError::OptimizerChanged { saved: told(&theirs), now: told(&ours) });
    }
    let tensors = StateDict::from_safetensors(file(OPTIMIZER)?).map_err(unfit(OPTIMIZER))?;
    let (algorithms, schedule) = match reset_schedule {
        true => (present.algorithms, present.schedule),
        false => (saved.algorithms, saved.schedule),
    };
    let state = OptimizerState {
        algorithms,
        groups: saved.optimizer_groups,
        schedule,
        steps: saved.optimizer_steps,
        tensors: tensors.entries().to_vec(),
    };
    let average = match saved.average {
        None => None,
        Some((averaging, updates)) => {
            let tensors = StateDict::from_safetensors(file(AVERAGE)?).map_err(unfit(AVERAGE))?.entries().to_vec();
            Some(AveragedState { averaging, updates, tensors })
        }
    };
    StateDict::from_safetensors(file(MODEL)?).and_then(|dict| dict.load_into(model)).map_err(unfit(MODEL))?;
    optimizer.load_state(state)?;
    loader.set_state(&saved.loader)?;
    random::set_state(saved.random);
    Ok(Resumed {
        path,
        state: saved.trainer,
        average,
        trackers: saved.trackers,
        callbacks: saved.callbacks,
        origin: saved.origin,
        passed_over,
    })
}

/// The algorithms as they were before a schedule changed them.
fn as_begun(algorithms: &[Algorithm], schedule: Option<&ScheduleState>) -> Vec<Algorithm> {
    let mut algorithms = algorithms.to_vec();
    if let Some(schedule) = schedule {
        schedule.undo(&mut algorithms);
    }
    algorithms
}

fn decode<S: DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<S, FitError> {
    codec::decode(bytes, "the run's state").map_err(|error| FitError::State { path: path.to_path_buf(), error })
}
