//! All trackers of a run as one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CsvTracker, JsonlTracker, Record, Split, Tracker, TrackerError};
use crate::run_dir::RunDir;

/// All trackers of a run: what is logged goes to each. None at all is fine.
#[derive(Default)]
pub struct Trackers {
    trackers: Vec<(String, Box<dyn Tracker>)>,
    epoch: u64,
}

/// How far each tracker had come when a checkpoint was saved, by the tracker's name. Part of the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerPositions(BTreeMap<String, u64>);

impl TrackerPositions {
    /// The position of the tracker of that name, if there was one.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }
}

const CSV: &str = "metrics.csv";
const JSONL: &str = "metrics.jsonl";

impl Trackers {
    /// No trackers: what is logged goes nowhere until one is [added](Self::add).
    pub fn none() -> Self {
        Self::default()
    }

    /// `metrics.csv` and `metrics.jsonl` of a new run.
    pub fn create(run: &RunDir) -> Result<Self, TrackerError> {
        Self::open(run, &TrackerPositions::default())
    }

    /// `metrics.csv` and `metrics.jsonl` of a run that is resumed from a checkpoint, cut to where they were then. One
    /// that the checkpoint does not know is begun anew.
    pub fn resume(run: &RunDir, positions: &TrackerPositions) -> Result<Self, TrackerError> {
        Self::open(run, positions)
    }

    fn open(run: &RunDir, positions: &TrackerPositions) -> Result<Self, TrackerError> {
        let (csv, jsonl) = (run.metrics_csv(), run.metrics_jsonl());
        let mut trackers = Self::none();
        match positions.get(CSV) {
            None => trackers.add(CSV, CsvTracker::create(&csv)?),
            Some(position) => trackers.add(CSV, CsvTracker::resume(&csv, position)?),
        }
        match positions.get(JSONL) {
            None => trackers.add(JSONL, JsonlTracker::create(&jsonl)?),
            Some(position) => trackers.add(JSONL, JsonlTracker::resume(&jsonl, position)?),
        }
        Ok(trackers)
    }

    /// Adds a tracker. Its name is what its position in a checkpoint goes by.
    pub fn add(&mut self, name: impl Into<String>, tracker: impl Tracker + 'static) {
        self.trackers.push((name.into(), Box::new(tracker)));
    }

    /// Sets the epoch that [`log_metric`](Self::log_metric) writes. At first, 0.
    pub fn set_epoch(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Logs a number under a name of your own. A name that begins with `val_` is of the validation data, every other
    /// of the training data.
    pub fn log_metric(&mut self, name: &str, value: impl Into<f64>, step: u64) -> Result<(), TrackerError> {
        let split = if name.starts_with("val_") { Split::Val } else { Split::Train };
        self.log(&Record { step, epoch: self.epoch, split, name: name.to_string(), value: value.into() })
    }

    /// Logs to every tracker, also where one fails; the first error is returned.
    pub fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        self.each(|tracker| tracker.log(record))
    }

    /// Flushes every tracker, also where one fails; the first error is returned.
    pub fn flush(&mut self) -> Result<(), TrackerError> {
        self.each(|tracker| tracker.flush())
    }

    /// How far each tracker has come, all of it on the disk.
    pub fn positions(&mut self) -> Result<TrackerPositions, TrackerError> {
        let positions = self.trackers.iter_mut().map(|(name, tracker)| Ok((name.clone(), tracker.position()?)));
        Ok(TrackerPositions(positions.collect::<Result<_, TrackerError>>()?))
    }

    fn each(&mut self, mut f: impl FnMut(&mut dyn Tracker) -> Result<(), TrackerError>) -> Result<(), TrackerError> {
        let results = self.trackers.iter_mut().map(|(_, tracker)| f(tracker.as_mut()));
        results.fold(Ok(()), Result::and)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Keeps what it is given, or fails.
    struct Fake(Arc<Mutex<Vec<Record>>>, bool);

    impl Tracker for Fake {
        fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
            self.0.lock().unwrap().push(record.clone());
            if self.1 { Err(TrackerError::NotEmpty { path: PathBuf::new(), length: 1 }) } else { Ok(()) }
        }

        fn flush(&mut self) -> Result<(), TrackerError> {
            Ok(())
        }

        fn position(&mut self) -> Result<u64, TrackerError> {
            Ok(self.0.lock().unwrap().len() as u64)
        }
    }

    #[test]
    fn one_that_fails_does_not_keep_the_others_from_logging() {
        let logs = [Arc::default(), Arc::default(), Arc::default()];
        let mut trackers = Trackers::none();
        for (i, log) in logs.iter().enumerate() {
            trackers.add(format!("fake{i}"), Fake(Arc::clone(log), i == 1));
        }
        trackers.set_epoch(3);
        assert!(trackers.log_metric("train_batch_loss", 0.5f32, 7).is_err());
        assert!(trackers.log_metric("val_accuracy", 0.25, 8).is_err());
        let record = |step, split, name: &str, value| Record { step, epoch: 3, split, name: name.to_string(), value };
        let expected = [record(7, Split::Train, "train_batch_loss", 0.5), record(8, Split::Val, "val_accuracy", 0.25)];
        assert!(logs.iter().all(|log| *log.lock().unwrap() == expected));
        let positions = trackers.positions().unwrap();
        assert_eq!((positions.get("fake2"), positions.get("fake3")), (Some(2), None));
    }

    #[test]
    fn a_resumed_run_goes_on_where_its_checkpoint_was_saved() {
        let dir = tempfile::tempdir().unwrap();
        let run = RunDir::create(&dir.path().join("run")).unwrap();
        let mut trackers = Trackers::create(&run).unwrap();
        trackers.log_metric("loss", 1.0, 1).unwrap();
        let positions = trackers.positions().unwrap();
        trackers.log_metric("loss", 9.0, 2).unwrap();
        drop(trackers);
        assert!(Trackers::create(&run).is_err(), "the files hold a run");

        let mut trackers = Trackers::resume(&run, &positions).unwrap();
        trackers.log_metric("loss", 2.0, 2).unwrap();
        trackers.flush().unwrap();
        let csv = fs::read_to_string(run.metrics_csv()).unwrap();
        assert_eq!(csv, "step,epoch,split,name,value\n1,0,train,loss,1.0\n2,0,train,loss,2.0\n");
        assert_eq!(fs::read_to_string(run.metrics_jsonl()).unwrap().lines().count(), 2);
    }
}
