//! A file system with one fault, and a list of what was asked of it.

use std::cell::RefCell;
use std::io::{self, Error, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gradus_trainer::Operation;
use gradus_trainer::checkpoint::{FileSystem, FileWriter};

use crate::checkpoint_memory::Memory;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// ENOSPC, of whatever takes space.
    NoSpace,
    /// EIO, of anything: writing, flushing, renaming, removing, reading.
    Io,
    /// Half of the bytes are written; the next write finds no space.
    ShortWrite,
    /// Half of the bytes are written, and all reported as written.
    LostWrite,
    /// A write takes nothing.
    NoWrite,
    /// EINTR, which is no reason to fail if it passes.
    Interrupted,
}

pub(crate) const FAULTS: [Fault; 6] =
    [Fault::NoSpace, Fault::Io, Fault::ShortWrite, Fault::LostWrite, Fault::NoWrite, Fault::Interrupted];

impl Fault {
    fn strikes(self, operation: Operation) -> bool {
        use Operation::{CreateFile, CreateFolder, Rename, Sync, SyncFolder};
        match self {
            Self::Io => true,
            Self::NoSpace => {
                matches!(operation, CreateFile | CreateFolder | Rename | Sync | SyncFolder | Operation::Write)
            }
            Self::ShortWrite | Self::LostWrite | Self::NoWrite | Self::Interrupted => operation == Operation::Write,
        }
    }

    fn error(self) -> Error {
        match self {
            Self::NoSpace | Self::ShortWrite => ErrorKind::StorageFull.into(),
            Self::Io | Self::LostWrite | Self::NoWrite => Error::other("Input/output error"),
            Self::Interrupted => ErrorKind::Interrupted.into(),
        }
    }
}

/// A file system with one fault, at the `at`-th operation or from there on.
#[derive(Clone)]
pub(crate) struct Faulty {
    memory: Memory,
    at: usize,
    fault: Fault,
    for_ever: bool,
    seen: Rc<RefCell<Seen>>,
}

#[derive(Default)]
struct Seen {
    operations: Vec<(Operation, String)>,
    struck: Vec<Operation>,
}

impl Faulty {
    /// Fails at operation `at`, counted from 0, or `for_ever` from there on.
    pub(crate) fn new(memory: &Memory, at: usize, fault: Fault, for_ever: bool) -> Self {
        Self { memory: memory.clone(), at, fault, for_ever, seen: Rc::default() }
    }

    /// Notes an operation and tells whether it is to fail.
    fn strikes(&self, operation: Operation, path: &Path) -> bool {
        let mut seen = self.seen.borrow_mut();
        let index = seen.operations.len();
        let name = path.file_name().unwrap_or_default().to_str().unwrap();
        seen.operations.push((operation, name.to_string()));
        let due = index == self.at || self.for_ever && index > self.at;
        let strikes = due && self.fault.strikes(operation);
        if strikes {
            seen.struck.push(operation);
        }
        strikes
    }

    fn check(&self, operation: Operation, path: &Path) -> io::Result<()> {
        if self.strikes(operation, path) { Err(self.fault.error()) } else { Ok(()) }
    }

    /// The operations that failed.
    pub(crate) fn struck(&self) -> Vec<Operation> {
        self.seen.borrow().struck.clone()
    }

    /// All operations, with the last part of each one's path.
    pub(crate) fn operations(&self) -> Vec<(Operation, String)> {
        self.seen.borrow().operations.clone()
    }
}

impl FileSystem for Faulty {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.check(Operation::CreateFolder, path)?;
        self.memory.create_folder(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>> {
        self.check(Operation::CreateFile, path)?;
        Ok(Box::new(FaultyFile {
            file: self.memory.create_file(path)?,
            path: path.to_path_buf(),
            system: self.clone(),
            short: false,
        }))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.check(Operation::SyncFolder, path)?;
        self.memory.sync_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.check(Operation::Rename, from)?;
        self.memory.rename(from, to)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.check(Operation::Remove, path)?;
        self.memory.remove_folder(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.check(Operation::List, path)?;
        self.memory.list(path)
    }

    fn file_length(&self, path: &Path) -> io::Result<u64> {
        self.check(Operation::Measure, path)?;
        self.memory.file_length(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.check(Operation::Open, path)?;
        Ok(Box::new(FaultyReader { file: self.memory.open(path)?, path: path.to_path_buf(), system: self.clone() }))
    }
}

struct FaultyFile {
    file: Box<dyn FileWriter>,
    path: PathBuf,
    system: Faulty,
    short: bool,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.short {
            return Err(self.system.fault.error());
        }
        if !self.system.strikes(Operation::Write, &self.path) {
            return self.file.write(bytes);
        }
        let half = bytes.len() / 2;
        match self.system.fault {
            Fault::ShortWrite => {
                self.short = true;
                self.file.write_all(&bytes[..half])?;
                if half == 0 { Err(self.system.fault.error()) } else { Ok(half) }
            }
            Fault::LostWrite => self.file.write_all(&bytes[..half]).map(|()| bytes.len()),
            Fault::NoWrite => Ok(0),
            fault => Err(fault.error()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FileWriter for FaultyFile {
    fn sync_all(&mut self) -> io::Result<()> {
        self.system.check(Operation::Sync, &self.path)?;
        self.file.sync_all()
    }
}

struct FaultyReader {
    file: Box<dyn Read>,
    path: PathBuf,
    system: Faulty,
}

impl Read for FaultyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.system.check(Operation::Read, &self.path)?;
        self.file.read(buffer)
    }
}
