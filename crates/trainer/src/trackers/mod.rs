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
mod csv;
mod fan_out;
mod file;
mod jsonl;
mod record;

use std::path::PathBuf;

pub use self::csv::CsvTracker;
pub use fan_out::{TrackerPositions, Trackers};
pub use jsonl::JsonlTracker;
pub use record::{Record, Split};

use crate::error::FileError;

/// A place that a run's numbers are written to.
///
/// A tracker that fails may be called again: it takes a record whole, or says that it did not take it.
pub trait Tracker: Send {
    /// Takes one number. It may stay in memory until [`flush`](Self::flush).
    fn log(&mut self, record: &Record) -> Result<(), TrackerError>;

    /// Hands everything taken so far to the operating system, so that other programs see it.
    fn flush(&mut self) -> Result<(), TrackerError>;

    /// How far it has come, everything up to there being on the disk: what a resumed run goes on from, once put in a
    /// checkpoint.
    fn position(&mut self) -> Result<u64, TrackerError>;
}

/// Why a tracker could not be opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackerError {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// A new run was to write to a file that holds another one's numbers.
    #[error(
        "{} already holds {length} bytes of another run's metrics; choose another run folder, or resume that run",
        path.display()
    )]
    NotEmpty {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
    /// A resumed run finds fewer bytes than its checkpoint remembers.
    #[error(
        "{} has {length} bytes, but the checkpoint was saved when it had {position}, so metrics have been lost; \
         put the file back, or start the run anew",
        path.display()
    )]
    Short {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
        /// The length that the checkpoint remembers.
        position: u64,
    },
    /// A resumed run finds something other than a record's end where it stopped.
    #[error(
        "{} has no line that ends at byte {position}, where the checkpoint was saved, so it is not that run's file; \
         put the right one back, or start the run anew",
        path.display()
    )]
    NotAtLineEnd {
        /// The file.
        path: PathBuf,
        /// The position that the checkpoint remembers.
        position: u64,
    },
    /// A resumed CSV file has other columns.
    #[error(
        "{} does not begin with the line \"{header}\", so it is not a run's metrics; put the right file back, or start \
         the run anew",
        path.display()
    )]
    Header {
        /// The file.
        path: PathBuf,
        /// The line that it should begin with.
        header: &'static str,
    },
    /// A record cannot be written in this tracker's format.
    #[error("cannot write the metric \"{name}\" of step {step} to {}: {reason}; give it another name", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The metric's name.
        name: String,
        /// The record's step.
        step: u64,
        /// What the format has against it.
        reason: String,
    },
}
