//! A file that grows by whole records and can be cut back to where a checkpoint was saved.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::TrackerError;
use crate::error::{FileError, Operation};

/// Bytes kept in memory before they are written.
const BUFFER: usize = 64 * 1024;

pub(super) struct AppendFile {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    /// Bytes that are in the file for sure.
    written: u64,
    /// Whether a write failed, so that the file may have more than `written`: part of a record.
    torn: bool,
}

impl AppendFile {
    /// Opens a file that is not there yet, or is empty.
    pub(super) fn create(path: &Path) -> Result<Self, TrackerError> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(FileError::on(Operation::CreateFile, path))?;
        match length_of(&file, path)? {
            0 => Ok(Self::new(file, path, 0)),
            length => Err(TrackerError::NotEmpty { path: path.to_path_buf(), length }),
        }
    }

    /// Opens a file of lines that has `position` bytes or more and cuts it there, which must be the end of a line.
    pub(super) fn resume_lines(path: &Path, position: u64) -> Result<Self, TrackerError> {
        let mut appended = Self::reopen(path, position)?;
        if position > 0 {
            let mut last = [0];
            appended
                .file
                .seek(SeekFrom::Start(position - 1))
                .and_then(|_| appended.file.read_exact(&mut last))
                .map_err(FileError::on(Operation::Read, path))?;
            if last != *b"\n" {
                return Err(TrackerError::NotAtLineEnd { path: path.to_path_buf(), position });
            }
        }
        appended.cut()?;
        Ok(appended)
    }

    /// Opens a file that has `position` bytes or more and cuts it there, which the caller knows for a record's end.
    pub(super) fn resume(path: &Path, position: u64) -> Result<Self, TrackerError> {
        let mut appended = Self::reopen(path, position)?;
        appended.cut()?;
        Ok(appended)
    }

    fn reopen(path: &Path, position: u64) -> Result<Self, TrackerError> {
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && position == 0 => return Self::create(path),
            opened => opened.map_err(FileError::on(Operation::Open, path))?,
        };
        let length = length_of(&file, path)?;
        if length < position {
            return Err(TrackerError::Short { path: path.to_path_buf(), length, position });
        }
        Ok(Self::new(file, path, position))
    }

    fn new(file: File, path: &Path, written: u64) -> Self {
        Self { path: path.to_path_buf(), file, buffer: Vec::with_capacity(BUFFER), written, torn: false }
    }

    /// Cuts the file to what is known to be whole, and goes on from there.
    fn cut(&mut self) -> Result<(), FileError> {
        self.file.set_len(self.written).map_err(FileError::on(Operation::Truncate, &self.path))?;
        self.file.seek(SeekFrom::Start(self.written)).map_err(FileError::on(Operation::Truncate, &self.path))?;
        self.torn = false;
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The file's length once the buffer is written.
    pub(super) fn len(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Takes one whole record, its line end included, or, where it fails, nothing of it.
    pub(super) fn append(&mut self, record: &[u8]) -> Result<(), TrackerError> {
        if self.buffer.len() + record.len() > BUFFER {
            self.flush()?;
        }
        self.buffer.extend_from_slice(record);
        if self.buffer.len() >= BUFFER {
            let before = self.buffer.len() - record.len();
            return self.flush().inspect_err(|_| self.buffer.truncate(before));
        }
        Ok(())
    }

    /// Writes the buffer. Where that failed before, the part of it that got there is removed first.
    pub(super) fn flush(&mut self) -> Result<(), TrackerError> {
        if self.torn {
            self.cut()?;
        }
        if let Err(error) = self.file.write_all(&self.buffer) {
            self.torn = true;
            return Err(FileError::on(Operation::Write, &self.path)(error).into());
        }
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// The file's length, all of it on the disk. Without that, a power loss could leave a checkpoint that remembers
    /// more of the file than there is.
    pub(super) fn position(&mut self) -> Result<u64, TrackerError> {
        self.flush()?;
        self.file.sync_data().map_err(FileError::on(Operation::Sync, &self.path))?;
        Ok(self.written)
    }
}

impl Drop for AppendFile {
    fn drop(&mut self) {
        // Whoever wants to know of an error flushes first.
        let _ = self.flush();
    }
}

fn length_of(file: &File, path: &Path) -> Result<u64, FileError> {
    Ok(file.metadata().map_err(FileError::on(Operation::Measure, path))?.len())
}
