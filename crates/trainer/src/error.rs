//! A file operation that failed, told in one sentence: what was done to which path, why it failed, and the cure.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// What was being done to a file or folder when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Operation {
    /// Making a folder.
    #[error("create the folder")]
    CreateFolder,
    /// Making a new file.
    #[error("create the file")]
    CreateFile,
    /// Opening a file that exists.
    #[error("open")]
    Open,
    /// Asking how long a file is.
    #[error("read the length of")]
    Measure,
    /// Reading a file.
    #[error("read")]
    Read,
    /// Writing to a file.
    #[error("write")]
    Write,
    /// Flushing a file to disk.
    #[error("flush to disk (fsync)")]
    Sync,
    /// Flushing a folder's list of names to disk.
    #[error("flush to disk (fsync) the folder")]
    SyncFolder,
    /// Giving a file or folder its final name.
    #[error("rename")]
    Rename,
    /// Removing a file or folder.
    #[error("remove")]
    Remove,
    /// Listing a folder.
    #[error("list the folder")]
    List,
    /// Cutting a file to a length.
    #[error("truncate")]
    Truncate,
}

/// A file operation that failed.
///
/// The operating system's words are part of the sentence, so [`std::error::Error::source`] is none.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}: {error}; {}", path.display(), cure(*operation, error))]
pub struct FileError {
    /// What was being done.
    pub operation: Operation,
    /// The file or folder that it was done to.
    pub path: PathBuf,
    /// What the operating system answered.
    pub error: Error,
}

impl FileError {
    /// For `map_err`: names the operation and its path.
    pub(crate) fn on(operation: Operation, path: &Path) -> impl FnOnce(Error) -> Self {
        move |error| Self { operation, path: path.to_path_buf(), error }
    }
}

fn cure(operation: Operation, error: &Error) -> &'static str {
    let reads = matches!(operation, Operation::Open | Operation::Measure | Operation::Read | Operation::List);
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => "free some space on that disk",
        ErrorKind::PermissionDenied if reads => "make it readable for this user",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "make it writable or choose another folder",
        ErrorKind::NotFound => "check the path",
        ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::AlreadyExists => "choose another path",
        _ => "check the disk that holds it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_operation_path_reason_and_cure() {
        let full =
            FileError::on(Operation::Write, Path::new("runs/a/model.safetensors"))(Error::from(ErrorKind::StorageFull));
        assert_eq!(
            full.to_string(),
            "cannot write runs/a/model.safetensors: no storage space; free some space on that disk"
        );
        let denied = FileError::on(Operation::List, Path::new("runs"))(Error::from(ErrorKind::PermissionDenied));
        assert_eq!(
            denied.to_string(),
            "cannot list the folder runs: permission denied; make it readable for this user"
        );
    }
}
