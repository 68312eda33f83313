//! A file system in memory, so that thousands of damaged checkpoints take seconds and wait for no disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Error, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gradus_trainer::checkpoint::{FileSystem, FileWriter};

/// Files and folders by path; the root `/` is always there. A clone is the same file system.
#[derive(Clone, Default)]
pub(crate) struct Memory(Rc<RefCell<BTreeMap<PathBuf, Node>>>);

enum Node {
    Folder,
    File(Vec<u8>),
}

impl Memory {
    /// Puts a file in a folder that is there, or in a file's place.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) {
        self.0.borrow_mut().insert(path.to_path_buf(), Node::File(bytes.to_vec()));
    }

    /// The bytes of a file that is there.
    pub(crate) fn get(&self, path: &Path) -> Vec<u8> {
        match self.0.borrow().get(path) {
            Some(Node::File(bytes)) => bytes.clone(),
            _ => panic!("there is no file {}", path.display()),
        }
    }

    /// Whether anything is at `path`.
    pub(crate) fn exists(&self, path: &Path) -> bool {
        path == Path::new("/") || self.0.borrow().contains_key(path)
    }

    /// Removes what is at `path` and below.
    pub(crate) fn remove(&self, path: &Path) {
        self.0.borrow_mut().retain(|at, _| !at.starts_with(path));
    }

    fn create(&self, path: &Path, node: Node) -> io::Result<()> {
        if self.exists(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if !path.parent().is_some_and(|parent| self.exists(parent)) {
            return Err(ErrorKind::NotFound.into());
        }
        self.0.borrow_mut().insert(path.to_path_buf(), node);
        Ok(())
    }
}

impl FileSystem for Memory {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.create(path, Node::Folder)
    }

    fn create_file(&self, path: &Path) -> io::Result<Box<dyn FileWriter>> {
        self.create(path, Node::File(Vec::new()))?;
        Ok(Box::new(MemoryFile { system: self.clone(), path: path.to_path_buf() }))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if self.exists(path) { Ok(()) } else { Err(ErrorKind::NotFound.into()) }
    }

    /// As `rename(2)` does it: a folder does not replace one that holds something.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if !self.exists(from) {
            return Err(ErrorKind::NotFound.into());
        }
        if self.0.borrow().keys().any(|path| path.starts_with(to) && path != to) {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        let mut nodes = self.0.borrow_mut();
        let moved: Vec<_> = nodes.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for path in moved {
            let node = nodes.remove(&path).unwrap();
            // `join` with an empty path would add a slash.
            let rest = path.strip_prefix(from).unwrap();
            nodes.insert(if rest.as_os_str().is_empty() { to.to_path_buf() } else { to.join(rest) }, node);
        }
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.sync_folder(path)?;
        self.remove(path);
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.sync_folder(path)?;
        let nodes = self.0.borrow();
        let children = nodes.keys().filter(|child| child.parent() == Some(path));
        Ok(children.map(|child| child.file_name().unwrap().to_str().unwrap().to_string()).collect())
    }

    fn file_length(&self, path: &Path) -> io::Result<u64> {
        match self.0.borrow().get(path) {
            Some(Node::File(bytes)) => Ok(bytes.len() as u64),
            Some(Node::Folder) => Err(Error::other("it is not a regular file")),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.file_length(path)?;
        Ok(Box::new(Cursor::new(self.get(path))))
    }
}

struct MemoryFile {
    system: Memory,
    path: PathBuf,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.system.0.borrow_mut().get_mut(&self.path) {
            Some(Node::File(file)) => file.extend_from_slice(bytes),
            _ => return Err(ErrorKind::NotFound.into()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl FileWriter for MemoryFile {
    fn sync_all(&mut self) -> io::Result<()> {
        Ok(())
    }
}
