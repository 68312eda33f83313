//! A file that grows by whole records and can be cut back to where a checkpoint was saved.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::TrackerError;
use crate::error::{FileError, Operation};

/// Records are shorter than this, so the buffer takes each whole or, where it cannot be emptied, not at all.
const BUFFER: usize = 64 * 1024;

pub(super) struct AppendFile {
    path: PathBuf,
    file: BufWriter<File>,
    /// The file's length once the buffer is written.
    length: u64,
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

    /// Opens a file that has `position` bytes or more and cuts it there, which must be the end of a line.
    pub(super) fn resume(path: &Path, position: u64) -> Result<Self, TrackerError> {
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && position == 0 => return Self::create(path),
            opened => opened.map_err(FileError::on(Operation::Open, path))?,
        };
        let length = length_of(&file, path)?;
        if length < position {
            return Err(TrackerError::Short { path: path.to_path_buf(), length, position });
        }
        if position > 0 {
            let mut last = [0];
            file.seek(SeekFrom::Start(position - 1))
                .and_then(|_| file.read_exact(&mut last))
                .map_err(FileError::on(Operation::Read, path))?;
            if last != *b"\n" {
                return Err(TrackerError::NotAtLineEnd { path: path.to_path_buf(), position });
            }
        }
        file.set_len(position).map_err(FileError::on(Operation::Truncate, path))?;
        file.seek(SeekFrom::Start(position)).map_err(FileError::on(Operation::Truncate, path))?;
        Ok(Self::new(file, path, position))
    }

    fn new(file: File, path: &Path, length: u64) -> Self {
        Self { path: path.to_path_buf(), file: BufWriter::with_capacity(BUFFER, file), length }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Takes one whole record, its line end included.
    pub(super) fn append(&mut self, record: &[u8]) -> Result<(), TrackerError> {
        self.file.write_all(record).map_err(FileError::on(Operation::Write, &self.path))?;
        self.length += record.len() as u64;
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result<(), TrackerError> {
        Ok(self.file.flush().map_err(FileError::on(Operation::Write, &self.path))?)
    }

    /// The file's length, all of it on the disk. Without that, a power loss could leave a checkpoint that remembers
    /// more of the file than there is.
    pub(super) fn position(&mut self) -> Result<u64, TrackerError> {
        self.flush()?;
        self.file.get_ref().sync_data().map_err(FileError::on(Operation::Sync, &self.path))?;
        Ok(self.length)
    }
}

fn length_of(file: &File, path: &Path) -> Result<u64, FileError> {
    Ok(file.metadata().map_err(FileError::on(Operation::Measure, path))?.len())
}
