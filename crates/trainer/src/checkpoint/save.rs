//! Saving a checkpoint so that it is whole before it has a name.
//!
//! Files and manifest are written to a folder that no reader looks at, each flushed to disk, then the folder; then the
//! folder is renamed, its parent flushed, and every byte read back. Nothing of before is touched until then.

use std::path::{Path, PathBuf};

use super::error::CheckpointError;
use super::file_system::{Disk, FileSystem, TEMPORARY, make_folder, temporary_name, write_file};
use super::format::{MANIFEST, Manifest, Place};
use super::load::{folders, verify_content};
use super::retain::remove;
use crate::error::{FileError, Operation};

/// Saves `files` (name and bytes) as the checkpoint of `step` in `dir`, which is made if need be.
///
/// Returns the checkpoint's folder, `step-<step in 12 digits>`, when all of it is on the disk and reads back. Where the
/// same step was saved before, with the same content, that one is kept; with other content or damaged, it is replaced,
/// by a folder whose name ends in `-r2` (and so on), since a folder cannot be put in another's place in one go.
///
/// Half-written folders that an interrupted save left in `dir` are removed.
///
/// # Errors
/// [`CheckpointError::NotSaved`] names the operation that failed and on which path. Whatever the error, checkpoints
/// that were there before are as they were, and what was written is removed where that is still possible.
pub fn save(dir: &Path, step: u64, files: &[(&str, &[u8])]) -> Result<PathBuf, CheckpointError> {
    save_with(&Disk, dir, step, files)
}

/// [`save`] on any file system.
pub fn save_with(
    fs: &dyn FileSystem,
    dir: &Path,
    step: u64,
    files: &[(&str, &[u8])],
) -> Result<PathBuf, CheckpointError> {
    let not_saved = |error| CheckpointError::NotSaved { step, error };
    let manifest = Manifest::of(step, files)?;
    let manifest_bytes = manifest.encode()?;
    make_folder(fs, dir).map_err(not_saved)?;
    remove_leftovers(fs, dir);

    let mut earlier = folders(fs, dir).map_err(not_saved)?;
    earlier.retain(|(place, _)| place.step == step);
    if let Some((_, path)) = earlier.first()
        && verify_content(fs, path, &manifest, files).is_ok()
    {
        // Perhaps left by a save that wrote everything but failed to flush this.
        fs.sync_folder(dir).map_err(FileError::on(Operation::SyncFolder, dir)).map_err(not_saved)?;
        return Ok(path.clone());
    }

    let revision = earlier.first().map_or(1, |(place, _)| place.revision.saturating_add(1));
    let path = dir.join(Place { step, revision }.folder_name());
    let temporary = dir.join(temporary_name(step));
    let written = write_folder(fs, &temporary, files, &manifest_bytes)
        .and_then(|()| fs.rename(&temporary, &path).map_err(FileError::on(Operation::Rename, &temporary)));
    if let Err(error) = written {
        let _ = fs.remove_folder(&temporary); // the first error is the one to tell; the next save tries again
        return Err(not_saved(error));
    }
    // Should this fail, the new folder is left: every file in it is on the disk, so it is there whole, or not at all.
    fs.sync_folder(dir).map_err(FileError::on(Operation::SyncFolder, dir)).map_err(not_saved)?;
    if let Err(damage) = verify_content(fs, &path, &manifest, files) {
        let _ = fs.remove_folder(&path); // a reader would pass it over anyway
        return Err(CheckpointError::ReadBack { step, path, damage });
    }
    for (_, superseded) in &earlier {
        // The new one is whole and the first that a reader looks at, so this may fail without harm.
        if let Err(error) = remove(fs, superseded) {
            tracing::warn!("a checkpoint that has been replaced is still there: {error}");
        }
    }
    Ok(path)
}

/// Writes the folder, the manifest last, and flushes all of it to disk.
fn write_folder(fs: &dyn FileSystem, folder: &Path, files: &[(&str, &[u8])], manifest: &[u8]) -> Result<(), FileError> {
    fs.create_folder(folder).map_err(FileError::on(Operation::CreateFolder, folder))?;
    for (name, bytes) in files {
        write_file(fs, &folder.join(name), bytes)?;
    }
    write_file(fs, &folder.join(MANIFEST), manifest)?;
    fs.sync_folder(folder).map_err(FileError::on(Operation::SyncFolder, folder))
}

/// Removes what saves and removals that were interrupted have left. They take space, but do no harm otherwise, so this
/// may fail.
fn remove_leftovers(fs: &dyn FileSystem, dir: &Path) {
    let Ok(names) = fs.list(dir) else { return }; // the next listing tells
    for name in names.iter().filter(|name| name.starts_with(TEMPORARY)) {
        let path = dir.join(name);
        if let Err(error) = fs.remove_folder(&path).map_err(FileError::on(Operation::Remove, &path)) {
            tracing::warn!("what an interrupted save has left is still there: {error}");
        }
    }
}
