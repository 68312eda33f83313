//! Trackers behind a network: what is logged goes to a file of the run, and from there, on a thread of its own, to a
//! server. Nothing is lost while that cannot be reached, and training does not wait for it.

#[cfg(test)]
mod fake;
mod http;
mod spool;
#[cfg(test)]
mod tests;
mod uploader;

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) use http::{Failure, Http, Secret};
pub(super) use spool::Entry;

use self::spool::Sent;
use self::uploader::{Control, Uploader};
use super::append::AppendFile;
use super::{Content, End, Event, Parameter, Record, Tracker, TrackerError};
use crate::error::{FileError, Operation};

/// What is waited after a first failure.
const PAUSE: Duration = Duration::from_millis(500);

/// A server that keeps runs.
pub(super) trait Service: Send + 'static {
    /// What people call it.
    const NAME: &'static str;
    /// Entries that it takes in a request.
    const CHUNK: usize;
    /// Of 1,000 entries that wait, the most that it should be sent: more are thinned out.
    const MOST: usize;

    /// Makes a new run, and gives what the server calls it.
    ///
    /// # Errors
    /// Where the server does not.
    fn create(&mut self) -> Result<String, Failure>;

    /// Sends entries, [`CHUNK`](Self::CHUNK) at most, to the run `id`.
    ///
    /// # Errors
    /// Where the server did not take all of them.
    fn send(&mut self, id: &str, entries: &[Entry]) -> Result<(), Failure>;

    /// Says that the run has ended.
    ///
    /// # Errors
    /// Where the server does not take that.
    fn finish(&mut self, id: &str, end: End) -> Result<(), Failure>;
}

/// Sends numbers, settings and other entries to a server, by way of a spool in the run's folder.
///
/// The spool, `spool.jsonl`, is a file as any tracker's: a checkpoint keeps its length, a resumed run cuts it there.
/// `sent.json` says how far the server has it. What the server has of the part cut off is not sent again; should a run
/// be killed between an answer and the note of it, that request's numbers are sent twice, with the same step and value.
/// Texts, histograms, images and files are left out.
pub(super) struct RemoteTracker {
    file: AppendFile,
    line: Vec<u8>,
    control: Arc<Control>,
}

impl RemoteTracker {
    /// Opens a folder for the spool, new or at a position, and begins to send.
    pub(super) fn open(folder: &Path, position: Option<u64>, service: impl Service) -> Result<Self, TrackerError> {
        Self::with_pause(folder, position, service, PAUSE)
    }

    fn with_pause<S: Service>(
        folder: &Path,
        position: Option<u64>,
        service: S,
        pause: Duration,
    ) -> Result<Self, TrackerError> {
        fs::create_dir_all(folder).map_err(FileError::on(Operation::CreateFolder, folder))?;
        let path = spool::spool(folder);
        let mut sent = Sent::read(folder)?;
        let file = match position {
            None => AppendFile::create(&path)?,
            Some(position) => {
                // Before the file is cut: what it held is asked for.
                if path.exists() {
                    sent.cut(folder, position)?;
                }
                AppendFile::resume_lines(&path, position)?
            }
        };
        let control = Arc::new(Control::default());
        let uploader = Uploader {
            service,
            folder: folder.to_path_buf(),
            end: sent.offset,
            sent,
            pause,
            queue: VecDeque::new(),
            single: false,
            refused: 0,
        };
        let shared = Arc::clone(&control);
        let started = thread::Builder::new().name(S::NAME.to_owned()).spawn(move || uploader.run(&shared));
        started.map_err(|error| TrackerError::Thread { name: S::NAME, reason: error.to_string() })?;
        Ok(Self { file, line: Vec::new(), control })
    }

    fn append(&mut self, entry: &Entry) -> Result<(), TrackerError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, entry).expect("an entry is JSON and memory takes it");
        self.line.push(b'\n');
        self.file.append(&self.line)
    }
}

impl Tracker for RemoteTracker {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        let time = record.time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        self.append(&Entry::Metric(record.clone(), time))
    }

    fn log_event(&mut self, event: &Event) -> Result<(), TrackerError> {
        match &event.content {
            Content::Parameters(parameters) => parameters.iter().try_for_each(|(name, value)| {
                let value = match value {
                    // JSON has no such number.
                    Parameter::Number(value) if !value.is_finite() => Parameter::Text(value.to_string()),
                    value => value.clone(),
                };
                self.append(&Entry::Parameter(name.clone(), value))
            }),
            Content::Other(name, value) => self.append(&Entry::Other(name.clone(), value.clone())),
            Content::Text(..) | Content::Histogram(..) | Content::Image(..) | Content::Artifact(..) => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        self.file.flush()
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        self.file.position()
    }

    fn finish(&mut self, end: End, patience: Duration) -> Result<(), TrackerError> {
        self.file.position()?;
        self.control.finish(end, patience);
        Ok(())
    }

    fn messages(&mut self) -> Vec<String> {
        self.control.messages()
    }
}

impl Drop for RemoteTracker {
    fn drop(&mut self) {
        self.control.finish(End::Failed, Duration::ZERO);
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
