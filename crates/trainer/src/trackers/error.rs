//! Why a tracker could not be opened or written.

use std::path::PathBuf;

use crate::error::FileError;

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
    /// A file that was logged cannot be taken.
    #[error("cannot log the file \"{name}\": {error}")]
    Asset {
        /// The name that it was logged by.
        name: String,
        /// What went wrong.
        error: FileError,
    },
    /// A metric was logged without a name.
    #[error("log_metric: the name is empty; give the metric a name such as \"train_loss\"")]
    NoName,
    /// More different names than a run has use for: names made of a step or a batch number, most likely.
    #[error("log_metric: {limit} metrics have different names already; give what changes with the step one name")]
    Names {
        /// The most that there can be.
        limit: usize,
    },
    /// The trackers did not answer in time: the disk stands still, most likely.
    #[error("the trackers have not written what was logged within {seconds} s; check the disk that holds the run")]
    Slow {
        /// How long they were waited for.
        seconds: u64,
    },
    /// A setting of the environment is missing or not usable. Its value is not shown: it may be a key.
    #[error("{name} is not set, or not usable; {cure}")]
    Setting {
        /// The environment variable.
        name: &'static str,
        /// What to do about it.
        cure: &'static str,
    },
    /// A tracker's thread cannot be started.
    #[error("cannot start the thread of {name}: {reason}; end other programs")]
    Thread {
        /// The tracker.
        name: &'static str,
        /// What the operating system answered.
        reason: String,
    },
    /// A tracker's own code panicked.
    #[error("its code panicked: {reason}; mend that tracker, or leave it out")]
    Panicked {
        /// The panic's message.
        reason: String,
    },
    /// A file of a tracker does not say what it should.
    #[error("{}{}: {reason}; {cure}", path.display(), line.map_or_else(String::new, |line| format!(", line {line}")))]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, where there are lines.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
        /// What to do about it.
        cure: &'static str,
    },
}
