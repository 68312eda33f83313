//! Everything a run must remember to go on as if it had never stopped, and how that becomes a checkpoint and back.

use std::collections::BTreeMap;
use std::path::Path;

use gradus_data::{DataLoader, Dataset, LoaderState};
use gradus_nn::{Module, StateDict, StateError};
use gradus_optim::{Algorithm, Optimizer, OptimizerState, ScheduleState};
use gradus_tensor::random::{self, RandomState};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, Loaded, PassedOver, codec};
use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::metrics::mean::Mean;
use crate::outcome::{EpochRecord, Fit, Outcome};
use crate::trackers::TrackerPositions;
use crate::validate::Validation;

const MODEL: &str = "model.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const STATE: &str = "state.bin";

/// Where training stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainerState<M> {
    /// Finished epochs, which is also the number of the present one.
    pub(crate) epoch: u64,
    /// Optimizer steps taken.
    pub(crate) step: u64,
    /// Over the present epoch so far.
    pub(crate) loss: Mean,
    pub(crate) metric: M,
    pub(crate) history: Vec<EpochRecord>,
    /// Seconds spent in all, and in training steps, and samples trained on.
    pub(crate) seconds: f64,
    pub(crate) training_seconds: f64,
    pub(crate) samples: u64,
}

impl<M: Metric> TrainerState<M> {
    /// Counts a step that had this loss and metric.
    pub(crate) fn record(&mut self, loss: f64, metric: &M) {
        self.step += 1;
        self.samples += metric.samples();
        self.loss.add(loss, metric.samples());
        self.metric.merge(metric);
    }

    /// Ends the epoch with what validation measured.
    pub(crate) fn finish_epoch(&mut self, validated: Option<&Validation<M>>) -> EpochRecord {
        let record = EpochRecord {
            epoch: self.epoch,
            step: self.step,
            train_loss: self.loss.value(),
            train_metric: self.metric.value(),
            val_loss: validated.map(|validated| validated.loss),
            val_metric: validated.and_then(|validated| validated.metric.value()),
        };
        self.history.push(record.clone());
        (self.loss, self.metric) = (Mean::default(), M::default());
        self.epoch += 1;
        record
    }

    /// Training samples a second, over the time spent in training steps.
    pub(crate) fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.training_seconds
    }

    pub(crate) fn into_fit(self, outcome: Outcome) -> Fit {
        Fit {
            outcome,
            steps: self.step,
            seconds: self.seconds,
            samples_per_second: self.samples_per_second(),
            epochs: self.history,
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
    trackers: TrackerPositions,
}

/// A run read back from a checkpoint.
pub(crate) struct Resumed<M> {
    pub(crate) state: TrainerState<M>,
    pub(crate) trackers: TrackerPositions,
    pub(crate) passed_over: Vec<PassedOver>,
}

/// Saves everything as the checkpoint of the present step in `dir`, and keeps the newest `keep`.
pub(crate) fn save<T: Metric, D: Dataset>(
    dir: &Path,
    keep: usize,
    state: &TrainerState<T>,
    model: &impl Module,
    optimizer: &Optimizer,
    loader: &DataLoader<D>,
    trackers: TrackerPositions,
) -> Result<std::path::PathBuf, FitError> {
    let OptimizerState { algorithms, groups, schedule, steps, tensors } = optimizer.state();
    let saved = Saved {
        trainer: state.clone(),
        loader: loader.state(),
        random: random::state(),
        algorithms,
        optimizer_groups: groups,
        schedule,
        optimizer_steps: steps,
        trackers,
    };
    let (model, optimizer) = (StateDict::of(model).to_safetensors(), StateDict::new(tensors).to_safetensors());
    let files: [(&str, &[u8]); 3] = [(MODEL, &model), (OPTIMIZER, &optimizer), (STATE, &codec::encode(&saved))];
    let path = checkpoint::save(dir, state.step, &files)?;
    checkpoint::retain(dir, keep)?;
    Ok(path)
}

/// Puts model, optimizer, loader and this thread's random streams where the newest whole checkpoint in `dir` left them.
pub(crate) fn load<T: Metric, D: Dataset>(
    dir: &Path,
    model: &impl Module,
    optimizer: &mut Optimizer,
    loader: &DataLoader<D>,
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
    if theirs != ours {
        let told = |algorithms: &[Algorithm]| {
            let told = algorithms.iter().map(|algorithm| format!("{} (lr {})", algorithm.name(), algorithm.lr()));
            told.collect::<Vec<_>>().join(", ")
        };
        return Err(FitError::OptimizerChanged { saved: told(&theirs), now: told(&ours) });
    }
    let tensors = StateDict::from_safetensors(file(OPTIMIZER)?).map_err(unfit(OPTIMIZER))?;
    let state = OptimizerState {
        algorithms: saved.algorithms,
        groups: saved.optimizer_groups,
        schedule: saved.schedule,
        steps: saved.optimizer_steps,
        tensors: tensors.entries().to_vec(),
    };
    StateDict::from_safetensors(file(MODEL)?).and_then(|dict| dict.load_into(model)).map_err(unfit(MODEL))?;
    optimizer.load_state(state)?;
    loader.set_state(&saved.loader)?;
    random::set_state(saved.random);
    Ok(Resumed { state: saved.trainer, trackers: saved.trackers, passed_over })
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
