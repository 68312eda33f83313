//! Where a run's numbers go: one trait for every tracker, and all of a run's trackers as one.
//!
//! ```
//! use gradus_trainer::trackers::{JsonlTracker, Trackers};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("metrics.jsonl");
//! let mut tracker = Trackers::none();
//! tracker.add("metrics.jsonl", JsonlTracker::create(&path)?);
//!
//! tracker.log_metric("train_batch_loss", 0.5f32, 1)?;
//! tracker.flush()?;
//! let line = r#"{"step":1,"epoch":0,"split":"train","name":"train_batch_loss","value":0.5}"#;
//! assert_eq!(std::fs::read_to_string(&path)?, format!("{line}\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod append;
mod comet;
mod csv;
mod error;
mod event;
mod experiment;
mod fan_out;
mod file;
mod histogram;
mod image;
mod jsonl;
#[cfg(feature = "remote")]
mod mlflow;
#[cfg(test)]
mod python;
mod queue;
mod record;
#[cfg(feature = "remote")]
mod remote;
mod tensorboard;
mod thread;

use std::time::Duration;

pub use self::csv::CsvTracker;
#[cfg(feature = "remote")]
pub use comet::CometTracker;
pub use comet::{CometOfflineTracker, comet_archive};
pub use error::TrackerError;
pub use event::{Content, End, Event, Parameter};
pub use experiment::Experiment;
pub use fan_out::{Opener, TrackerPositions, Trackers};
pub use histogram::Histogram;
pub use image::Image;
pub use jsonl::JsonlTracker;
#[cfg(feature = "remote")]
pub use mlflow::MlflowTracker;
pub use record::{Record, Split};
pub use tensorboard::TensorBoardTracker;

/// A place that a run's numbers are written to. A run starts for it when it is opened.
///
/// [`Trackers`] calls it on a thread that all trackers share, so it should write files of this machine and leave a
/// network to a thread of its own. One that fails is called again: it takes a record whole, or says that it did not
/// take it. What it has no place for it ignores.
pub trait Tracker: Send {
    /// Takes one number. It may stay in memory until [`flush`](Self::flush).
    ///
    /// # Errors
    /// Where it cannot be taken.
    fn log(&mut self, record: &Record) -> Result<(), TrackerError>;

    /// Takes a setting, text, histogram, image or file. Without a tracker's own code, all are ignored.
    ///
    /// # Errors
    /// Where it cannot be taken.
    fn log_event(&mut self, _event: &Event) -> Result<(), TrackerError> {
        Ok(())
    }

    /// Hands everything taken so far to the operating system, so that other programs see it.
    ///
    /// # Errors
    /// Where that fails.
    fn flush(&mut self) -> Result<(), TrackerError>;

    /// How far it has come, everything up to there being on the disk: what a resumed run goes on from, once put in a
    /// checkpoint.
    ///
    /// # Errors
    /// Where it cannot be put on the disk.
    fn position(&mut self) -> Result<u64, TrackerError>;

    /// Ends the run, within about `patience`. Without a tracker's own code, it is flushed.
    ///
    /// # Errors
    /// Where the end cannot be written.
    fn finish(&mut self, _end: End, _patience: Duration) -> Result<(), TrackerError> {
        self.flush()
    }

    /// What the user should know of, each once. Without a tracker's own code, nothing.
    fn messages(&mut self) -> Vec<String> {
        Vec::new()
    }
}
