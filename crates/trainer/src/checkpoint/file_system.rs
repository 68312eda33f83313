//! The file operations that checkpoints are made of, behind one trait so that a test can let any of them fail.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use crate::error::{FileError, Operation};

/// A file system, as far as checkpoints need one. [`Disk`] is the real one.
///
/// Every method is one operation that can fail or be interrupted on its own.
pub trait FileSystem {
    /// Makes one folder. Fails where something of that name exists.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes a new file for writing. Fails where something of that name exists.
    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>>;
    /// Flushes a folder's list of names to disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file or folder another name on the same file system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder, in no order; names that are not Unicode are left out.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// The length of a regular file in bytes. Fails on anything else, a link included.
    fn file_length(&self, path: &Path) -> io::Result<u64>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;
}

/// A file that is being written. [`Write::write`] may take fewer bytes than it is given.
pub trait FileWriter: Write {
    /// Flushes the file's bytes and length to disk.
    fn sync_all(&mut self) -> io::Result<()>;
}

/// The real file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl FileSystem for Disk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>> {
        Ok(Box::new(File::create_new(path)?))
    }

    /// Does nothing where a folder cannot be opened as a file, as on Windows.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(path)?.filter_map(|entry| entry.map(|e| e.file_name().into_string().ok()).transpose()).collect()
    }

    // A pipe or a device has no length to compare with, and opening a pipe would wait for ever.
    fn file_length(&self, path: &Path) -> io::Result<u64> {
        let metadata = fs::symlink_metadata(path)?;
        if metadata.is_file() { Ok(metadata.len()) } else { Err(io::Error::other("it is not a regular file")) }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(path)?))
    }
}

impl FileWriter for File {
    fn sync_all(&mut self) -> io::Result<()> {
        File::sync_all(self)
    }
}

/// Makes a folder and those above it, each name flushed to disk, so that no later power loss takes them away.
pub(crate) fn make_folder(fs: &dyn FileSystem, path: &Path) -> Result<(), FileError> {
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()), // the root
    };
    let mut created = fs.create_folder(path);
    if created.as_ref().is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        make_folder(fs, parent)?;
        created = fs.create_folder(path);
    }
    match created {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(FileError::on(Operation::CreateFolder, path)(error)),
        Ok(()) => fs.sync_folder(parent).map_err(FileError::on(Operation::SyncFolder, parent)),
    }
}

/// Writes a new file and flushes it to disk.
///
/// A flush that failed is never tried again: the system may have dropped the unwritten pages and call the next one
/// a success (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
pub(crate) fn write_file(fs: &dyn FileSystem, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut file = fs.create_file(path).map_err(FileError::on(Operation::CreateFile, path))?;
    write_all(&mut *file, bytes).map_err(FileError::on(Operation::Write, path))?;
    file.sync_all().map_err(FileError::on(Operation::Sync, path))
}

/// [`Write::write_all`], but an operation that is interrupted for ever ends in an error.
fn write_all(file: &mut dyn FileWriter, mut bytes: &[u8]) -> io::Result<()> {
    const INTERRUPTS: u32 = 1000;
    let mut interrupts = 0;
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n.min(bytes.len())..],
            Err(e) if e.kind() == ErrorKind::Interrupted && interrupts < INTERRUPTS => interrupts += 1,
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// `.tmp-<label>-<pid>-<random>`: a name that no reader looks at.
pub(crate) fn temporary_name(label: impl std::fmt::Display) -> String {
    // The standard library's only source of randomness, seeded by the operating system.
    let random = RandomState::new().build_hasher().finish();
    format!("{TEMPORARY}{label}-{}-{random:016x}", std::process::id())
}

/// What every temporary name begins with.
pub(super) const TEMPORARY: &str = ".tmp-";
