//! Removing old checkpoints, never the one that a resumed run would need.

use std::path::{Path, PathBuf};

use super::error::CheckpointError;
use super::file_system::{Disk, FileSystem, temporary_name};
use super::load::{folders, verify};
use crate::error::{FileError, Operation};

/// Removes the oldest checkpoints in `dir` beyond `keep`, and returns their folders. To be called after a save that
/// succeeded.
///
/// Only checkpoints older than one that has just been read and found whole are removed. So where the newest `keep` are
/// all damaged, the newest whole one stays, and where none is whole, all stay. Keep 3 or more: a disk that loses one
/// checkpoint can lose two.
///
/// # Errors
/// [`CheckpointError::KeepNone`] where `keep` is 0, [`CheckpointError::File`] where a folder cannot be removed.
pub fn retain(dir: &Path, keep: usize) -> Result<Vec<PathBuf>, CheckpointError> {
    retain_with(&Disk, dir, keep)
}

/// [`retain`] on any file system.
pub fn retain_with(fs: &dyn FileSystem, dir: &Path, keep: usize) -> Result<Vec<PathBuf>, CheckpointError> {
    if keep == 0 {
        return Err(CheckpointError::KeepNone);
    }
    let folders = folders(fs, dir)?;
    if folders.len() <= keep {
        return Ok(Vec::new()); // without reading any
    }
    let newest_whole = folders.iter().position(|(place, path)| verify(fs, path, place.step).is_ok());
    let first_removed = newest_whole.map_or(folders.len(), |i| keep.max(i + 1));
    let mut removed = Vec::new();
    for (_, path) in folders.into_iter().skip(first_removed) {
        remove(fs, &path)?;
        removed.push(path);
    }
    Ok(removed)
}

/// Removes a checkpoint in two steps, so that one that is half removed no longer has its name.
pub(super) fn remove(fs: &dyn FileSystem, path: &Path) -> Result<(), FileError> {
    let name = path.file_name().unwrap_or_default();
    let doomed = path.with_file_name(temporary_name(format_args!("removed-{}", name.display())));
    fs.rename(path, &doomed).map_err(FileError::on(Operation::Rename, path))?;
    fs.remove_folder(&doomed).map_err(FileError::on(Operation::Remove, &doomed))
}
