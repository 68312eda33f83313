//! All trackers of a run as one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::queue::{Ask, Queue};
use super::{CsvTracker, End, Experiment, JsonlTracker, Split, Tracker, TrackerError};
use crate::run_dir::RunDir;

/// All trackers of a run: what is logged goes to each. None at all is fine.
///
/// Trackers run on a thread of their own; logging a number leaves it in a queue and costs the training thread well
/// below a microsecond. The queue holds 65,536 numbers, and 64 MiB of texts, images and the like. Trackers write files
/// on this machine, which keep up; should the disk stand still until the queue is full, logging waits for it a second,
/// once, and from there on numbers are dropped and counted until it moves again. A tracker that fails is tried three
/// times and then left out. Of all that, [`messages`](Self::messages) tells; training goes on.
#[derive(Default)]
pub struct Trackers {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
    openers: Vec<(String, Opener)>,
    /// Those that were asked for last.
    positions: TrackerPositions,
}

/// Opens a tracker in a run's folder: a new one, or, with a position, one that goes on there.
pub type Opener = Box<dyn Fn(&RunDir, Option<u64>) -> Result<Box<dyn Tracker>, TrackerError> + Send>;

/// How far each tracker had come when a checkpoint was saved, by the tracker's name. Part of the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerPositions(pub(super) BTreeMap<String, u64>);

impl TrackerPositions {
    /// The position of the tracker of that name, if there was one.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }
}

const CSV: &str = "metrics.csv";
const JSONL: &str = "metrics.jsonl";
/// How long an answer of the trackers' thread is waited for: a disk that takes longer stands still.
const PATIENCE: Duration = Duration::from_secs(30);

impl Trackers {
    /// No trackers: what is logged goes nowhere until one is [added](Self::add).
    pub fn none() -> Self {
        Self::default()
    }

    /// `metrics.csv` and `metrics.jsonl` of a new run.
    ///
    /// # Errors
    /// Where they cannot be written, or hold something already.
    pub fn create(run: &RunDir) -> Result<Self, TrackerError> {
        Self::resume(run, &TrackerPositions::default())
    }

    /// `metrics.csv` and `metrics.jsonl` of a run that is resumed from a checkpoint, cut to where they were then. One
    /// that the checkpoint does not know is begun anew.
    ///
    /// # Errors
    /// Where they cannot be written, or are not the files of then.
    pub fn resume(run: &RunDir, positions: &TrackerPositions) -> Result<Self, TrackerError> {
        let mut trackers = Self::none();
        trackers.open(run, positions)?;
        Ok(trackers)
    }

    /// Adds, beside CSV and JSON lines, a tracker that is opened when the run's folder is.
    pub(crate) fn add_later(&mut self, name: String, opener: Opener) {
        self.openers.push((name, opener));
    }

    /// Opens the trackers of a run that begins, or, with positions, goes on.
    pub(crate) fn open(&mut self, run: &RunDir, positions: &TrackerPositions) -> Result<(), TrackerError> {
        self.positions = positions.clone();
        let (csv, jsonl) = (run.metrics_csv(), run.metrics_jsonl());
        let csv = match positions.get(CSV) {
            None => CsvTracker::create(&csv)?,
            Some(position) => CsvTracker::resume(&csv, position)?,
        };
        let jsonl = match positions.get(JSONL) {
            None => JsonlTracker::create(&jsonl)?,
            Some(position) => JsonlTracker::resume(&jsonl, position)?,
        };
        let others = self.openers.iter().map(|(name, open)| Ok((name.clone(), open(run, positions.get(name))?)));
        let others = others.collect::<Result<Vec<_>, TrackerError>>()?;
        self.add(CSV, csv);
        self.add(JSONL, jsonl);
        for (name, tracker) in others {
            self.add_boxed(name, tracker);
        }
        Ok(())
    }

    /// Adds a tracker. Its name is what its position in a checkpoint goes by.
    pub fn add(&mut self, name: impl Into<String>, tracker: impl Tracker + 'static) {
        self.add_boxed(name.into(), Box::new(tracker));
    }

    fn add_boxed(&mut self, name: String, tracker: Box<dyn Tracker>) {
        if self.thread.is_none() {
            let queue = Arc::clone(&self.queue);
            match thread::Builder::new().name("trackers".to_owned()).spawn(move || super::thread::run(&queue)) {
                Ok(thread) => self.thread = Some(thread),
                Err(error) => {
                    return self.queue.tell(format!(
                        "the tracker {name} is off: no thread can be started ({error}); end other programs"
                    ));
                }
            }
            self.queue.open();
        }
        self.queue.ask(Ask::Add(name, tracker));
    }

    /// A handle to log through from anywhere. It stays good when a run's trackers are opened later.
    pub fn experiment(&self) -> Experiment {
        Experiment(Arc::clone(&self.queue))
    }

    /// Sets the step of what [`experiment`](Self::experiment) logs.
    pub fn set_step(&mut self, step: u64) {
        self.queue.set_step(step);
    }

    /// Sets the epoch that [`log_metric`](Self::log_metric) writes. At first, 0.
    pub fn set_epoch(&mut self, epoch: u64) {
        self.queue.set_epoch(epoch);
    }

    /// Logs a number under a name of your own. A name that begins with `val_` is of the validation data, every other
    /// of the training data.
    ///
    /// # Errors
    /// Only for a name that is empty, or that comes after 65,536 others. What goes wrong later is told by
    /// [`messages`](Self::messages).
    pub fn log_metric(&mut self, name: &str, value: impl Into<f64>, step: u64) -> Result<(), TrackerError> {
        self.queue.log(name, value.into(), Some(step), None)
    }

    /// Logs a number of a given epoch and part of the data.
    pub(crate) fn log_of_epoch(
        &mut self,
        name: &str,
        value: f64,
        step: u64,
        (epoch, split): (u64, Split),
    ) -> Result<(), TrackerError> {
        self.queue.log(name, value, Some(step), Some((epoch, split)))
    }

    /// Waits until everything logged so far is handed to the operating system, so that other programs see it. That
    /// happens once a second on its own.
    ///
    /// # Errors
    /// If that takes longer than 30 s.
    pub fn flush(&mut self) -> Result<(), TrackerError> {
        self.answer(Ask::Flush, PATIENCE).map(|_| ())
    }

    /// How far each tracker has come, all of it on the disk. One that failed is where it was the last time that it did
    /// not; so are all, where the disk takes longer than 30 s, and a message says so.
    pub fn positions(&mut self) -> TrackerPositions {
        match self.answer(Ask::Positions, PATIENCE) {
            Ok(positions) => self.positions = positions.unwrap_or_default(),
            Err(error) => self.queue.tell(format!("{error}; a resumed run lacks what was logged since")),
        }
        self.positions.clone()
    }

    /// Ends the run: everything logged is written, and what goes to a server is sent as far as `patience` allows; the
    /// rest stays in the run's folder. Afterwards, what is logged goes nowhere.
    pub fn finish(&mut self, end: End, patience: Duration) {
        let ended = self.answer(|answer| Ask::Finish(end, patience, answer), patience + PATIENCE);
        match (ended, self.thread.take()) {
            (Ok(_), Some(thread)) => drop(thread.join()),
            (Err(error), _) => {
                self.queue.close();
                self.queue.tell(error.to_string());
            }
            (Ok(_), None) => {}
        }
    }

    /// What the user should know of, each once: a tracker that failed, numbers that were dropped.
    pub fn messages(&mut self) -> Vec<String> {
        self.queue.messages()
    }

    /// Asks the thread; nothing where there is none.
    fn answer<T>(&self, ask: impl FnOnce(SyncSender<T>) -> Ask, patience: Duration) -> Result<Option<T>, TrackerError> {
        if self.thread.is_none() {
            return Ok(None);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        self.queue.ask(ask(sender));
        match receiver.recv_timeout(patience) {
            Ok(answer) => Ok(Some(answer)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(TrackerError::Slow { seconds: patience.as_secs() }),
        }
    }
}

impl Drop for Trackers {
    fn drop(&mut self) {
        let end = if thread::panicking() { End::Failed } else { End::Finished };
        self.finish(end, Duration::from_secs(5));
    }
}

#[cfg(test)]
mod tests;
