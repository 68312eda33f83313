//! Finding the newest whole checkpoint and reading it, with nothing taken on trust.
//!
//! A file is read into memory, never mapped: a mapped file that shrinks kills the process. Its length is compared with
//! the manifest's before a byte is read, so memory is asked for only in the amount that lies on the disk.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::error::{CheckpointError, Damage, PassedOver};
use super::file_system::{Disk, FileSystem};
use super::format::{FileEntry, MANIFEST, MAX_MANIFEST, Manifest, Place};
use crate::error::{FileError, Operation};

/// A checkpoint that was found whole, in memory.
#[derive(Debug)]
pub struct Loaded {
    /// The step it was saved at.
    pub step: u64,
    /// Its folder.
    pub path: PathBuf,
    /// Its files by name, as they were given to [`save`](super::save()).
    pub files: BTreeMap<String, Vec<u8>>,
    /// Newer checkpoints that could not be loaded, newest first. Tell the user about each.
    pub passed_over: Vec<PassedOver>,
}

/// Loads the checkpoint of the highest step that is whole.
///
/// # Errors
/// [`CheckpointError::None`] where there is no checkpoint at all, [`CheckpointError::NoneWhole`] where every one is
/// damaged or was written by a later version of this library.
pub fn load_newest(dir: &Path) -> Result<Loaded, CheckpointError> {
    load_newest_with(&Disk, dir)
}

/// [`load_newest`] on any file system.
pub fn load_newest_with(fs: &dyn FileSystem, dir: &Path) -> Result<Loaded, CheckpointError> {
    let mut passed_over = Vec::new();
    for (place, path) in folders(fs, dir)? {
        match read(fs, &path, Some(place.step)) {
            Ok((step, files)) => return Ok(Loaded { step, path, files, passed_over }),
            Err(reason) => passed_over.push(PassedOver { path, reason }),
        }
    }
    let dir = dir.to_path_buf();
    Err(if passed_over.is_empty() {
        CheckpointError::None { dir }
    } else {
        CheckpointError::NoneWhole { dir, passed_over }
    })
}

/// Loads the one checkpoint whose folder is `path`, under whatever name it goes.
///
/// # Errors
/// [`CheckpointError::Damaged`] where it is not whole.
pub fn load(path: &Path) -> Result<Loaded, CheckpointError> {
    load_with(&Disk, path)
}

/// [`load`] on any file system.
pub fn load_with(fs: &dyn FileSystem, path: &Path) -> Result<Loaded, CheckpointError> {
    let (step, files) =
        read(fs, path, None).map_err(|damage| CheckpointError::Damaged { path: path.to_path_buf(), damage })?;
    Ok(Loaded { step, path: path.to_path_buf(), files, passed_over: Vec::new() })
}

/// All folders in `dir` that are named as checkpoints, newest first. None where there is no such folder.
pub(super) fn folders(fs: &dyn FileSystem, dir: &Path) -> Result<Vec<(Place, PathBuf)>, FileError> {
    let names = match fs.list(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        names => names.map_err(FileError::on(Operation::List, dir))?,
    };
    let mut folders: Vec<_> =
        names.iter().filter_map(|name| Place::parse(name).map(|place| (place, dir.join(name)))).collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    Ok(folders)
}

/// Reads every byte of a checkpoint and keeps none of them: is it whole?
pub(super) fn verify(fs: &dyn FileSystem, path: &Path, step: u64) -> Result<(), Damage> {
    let manifest = read_manifest(fs, path, Some(step))?;
    manifest.files.iter().try_for_each(|entry| read_file(fs, path, entry, &mut |_| true))
}

/// Reads every byte of a checkpoint: is it whole, and does it hold just these files?
pub(super) fn verify_content(
    fs: &dyn FileSystem,
    path: &Path,
    expected: &Manifest,
    files: &[(&str, &[u8])],
) -> Result<(), Damage> {
    let manifest = read_manifest(fs, path, Some(expected.step))?;
    if manifest.files != expected.files {
        return Err(Damage::Differs { name: MANIFEST.to_string() });
    }
    for (entry, (name, bytes)) in manifest.files.iter().zip(files) {
        let (mut rest, mut same) = (*bytes, true);
        read_file(fs, path, entry, &mut |chunk| {
            same &= rest.starts_with(chunk);
            rest = &rest[chunk.len().min(rest.len())..];
            true
        })?;
        if !same {
            return Err(Damage::Differs { name: (*name).to_string() });
        }
    }
    Ok(())
}

fn read(fs: &dyn FileSystem, path: &Path, step: Option<u64>) -> Result<(u64, BTreeMap<String, Vec<u8>>), Damage> {
    let manifest = read_manifest(fs, path, step)?;
    let mut files = BTreeMap::new();
    for entry in &manifest.files {
        let mut bytes = Vec::new();
        // Memory is asked for once the first bytes have come, so after the length was found to be the file's own: a
        // manifest that claims more than there is takes none. Memory that is not to be had is an error, not an abort.
        read_file(fs, path, entry, &mut |chunk| {
            let room = usize::try_from(entry.length).is_ok_and(|n| bytes.try_reserve_exact(n - bytes.len()).is_ok());
            if room {
                bytes.extend_from_slice(chunk);
            }
            room
        })?;
        files.insert(entry.name.clone(), bytes);
    }
    Ok((manifest.step, files))
}

fn read_manifest(fs: &dyn FileSystem, path: &Path, step: Option<u64>) -> Result<Manifest, Damage> {
    let path = path.join(MANIFEST);
    let length = fs.file_length(&path).map_err(FileError::on(Operation::Measure, &path))?;
    if length > MAX_MANIFEST {
        return Err(Damage::ManifestLength { length, limit: MAX_MANIFEST });
    }
    let file = fs.open(&path).map_err(FileError::on(Operation::Open, &path))?;
    let mut bytes = Vec::new();
    file.take(MAX_MANIFEST).read_to_end(&mut bytes).map_err(FileError::on(Operation::Read, &path))?;
    let manifest = Manifest::decode(&bytes)?;
    match step {
        Some(expected) if expected != manifest.step => Err(Damage::Step { expected, found: manifest.step }),
        _ => Ok(manifest),
    }
}

/// Hands a file's bytes to `sink` in chunks and compares their number and checksum with the manifest's. A sink that
/// returns false has no room for the chunk.
fn read_file(
    fs: &dyn FileSystem,
    folder: &Path,
    entry: &FileEntry,
    sink: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<(), Damage> {
    let FileEntry { name, length: expected, crc32c } = entry;
    let path = folder.join(name);
    let found = fs.file_length(&path).map_err(FileError::on(Operation::Measure, &path))?;
    if found != *expected {
        return Err(Damage::FileLength { name: name.clone(), expected: *expected, found });
    }
    let mut file = fs.open(&path).map_err(FileError::on(Operation::Open, &path))?;
    let mut buffer = vec![0; found.saturating_add(1).min(CHUNK) as usize];
    let (mut total, mut checksum) = (0, 0);
    loop {
        let chunk = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => &buffer[..n.min(buffer.len())],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(FileError::on(Operation::Read, &path)(error).into()),
        };
        total += chunk.len() as u64;
        if total > *expected {
            break; // it grew since it was measured
        }
        checksum = crc32c::crc32c_append(checksum, chunk);
        if !sink(chunk) {
            return Err(Damage::Memory { name: name.clone(), length: *expected });
        }
    }
    if total != *expected {
        return Err(Damage::FileLength { name: name.clone(), expected: *expected, found: total });
    }
    if checksum != *crc32c {
        return Err(Damage::FileChecksum { name: name.clone() });
    }
    Ok(())
}

/// Small enough for the cache, so that the checksum reads what was just copied there.
const CHUNK: u64 = 256 * 1024;
