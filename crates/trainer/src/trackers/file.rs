//! A tracker that writes a file, whatever its format.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::path::Path;

use super::append::AppendFile;
use super::{Record, Tracker, TrackerError};
use crate::error::{FileError, Operation};

/// How a file of metrics is written.
pub trait Format: Send {
    /// What the file begins with, line end included; empty for nothing.
    const HEADER: &'static str;

    /// Adds `record` to the end of `line`, with its line end.
    ///
    /// # Errors
    /// What the format has against it.
    fn write(record: &Record, line: &mut Vec<u8>) -> Result<(), impl Display>;
}

/// Writes metrics to a file of format `F`.
pub struct FileTracker<F: Format> {
    file: AppendFile,
    /// The line being made, kept to save an allocation a record.
    line: Vec<u8>,
    format: PhantomData<F>,
}

impl<F: Format> FileTracker<F> {
    /// Begins a new file. One that holds something already is an error.
    pub fn create(path: &Path) -> Result<Self, TrackerError> {
        Self::with_header(AppendFile::create(path)?)
    }

    /// Goes on at a [`position`](Tracker::position): later records are removed, so that the resumed run writes them
    /// once.
    pub fn resume(path: &Path, position: u64) -> Result<Self, TrackerError> {
        if position > 0 && !F::HEADER.is_empty() {
            check_header(path, F::HEADER)?;
        }
        Self::with_header(AppendFile::resume_lines(path, position)?)
    }

    fn with_header(mut file: AppendFile) -> Result<Self, TrackerError> {
        if file.is_empty() {
            file.append(F::HEADER.as_bytes())?;
        }
        Ok(Self { file, line: Vec::new(), format: PhantomData })
    }
}

fn check_header(path: &Path, header: &'static str) -> Result<(), TrackerError> {
    let mut first = Vec::new();
    let file = File::open(path).map_err(FileError::on(Operation::Open, path))?;
    file.take(header.len() as u64).read_to_end(&mut first).map_err(FileError::on(Operation::Read, path))?;
    // A file that ends before its header does is told as too short, by the caller.
    if header.as_bytes().starts_with(&first) {
        return Ok(());
    }
    Err(TrackerError::Header { path: path.to_path_buf(), header: header.trim_end() })
}

impl<F: Format> Tracker for FileTracker<F> {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        self.line.clear();
        F::write(record, &mut self.line).map_err(|reason| TrackerError::Record {
            path: self.file.path().to_path_buf(),
            name: record.name.to_string(),
            step: record.step,
            reason: reason.to_string(),
        })?;
        self.file.append(&self.line)
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        self.file.flush()
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        self.file.position()
    }
}
