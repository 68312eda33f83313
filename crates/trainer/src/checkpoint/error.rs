//! What can be wrong with a checkpoint, or with saving, loading and removing one.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::error::FileError;

/// Why saving, loading or removing checkpoints failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file that was to be saved has a name that a checkpoint cannot hold.
    #[error("a checkpoint cannot hold a file named \"{name}\": {why}; rename the file")]
    FileName {
        /// The refused name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// So many files, or so long names, that the manifest would be refused on loading.
    #[error(
        "a checkpoint of {files} files needs a manifest of {length} bytes, more than the {limit} that loading accepts; \
         save fewer files"
    )]
    TooManyFiles {
        /// The number of files.
        files: usize,
        /// The bytes their manifest takes.
        length: u64,
        /// The most bytes a manifest may take.
        limit: u64,
    },
    /// A file operation of a save failed. Earlier checkpoints are as they were.
    #[error("the checkpoint of step {step} was not saved, earlier ones are untouched: {error}")]
    NotSaved {
        /// The step whose checkpoint was to be saved.
        step: u64,
        /// The operation that failed.
        error: FileError,
    },
    /// What was written reads back differently. The new folder has been removed, earlier checkpoints are as they were.
    #[error(
        "the checkpoint of step {step} was not saved, earlier ones are untouched: {} was written but does not read \
         back ({damage}); check the disk that holds it",
        path.display()
    )]
    ReadBack {
        /// The step whose checkpoint was to be saved.
        step: u64,
        /// The folder that did not read back.
        path: PathBuf,
        /// What was found wrong.
        damage: Damage,
    },
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no checkpoint at all.
    #[error(
        "there is no checkpoint in {}; start the run anew, or name the folder of a run that saved one",
        dir.display()
    )]
    None {
        /// The folder that was searched.
        dir: PathBuf,
    },
    /// There are checkpoints, but none can be loaded.
    #[error(
        "none of the {} checkpoint{} in {} can be loaded ({}); put back a copy of one, or start the run anew",
        passed_over.len(), if passed_over.len() == 1 { "" } else { "s" }, dir.display(), list(passed_over)
    )]
    NoneWhole {
        /// The folder that was searched.
        dir: PathBuf,
        /// Every checkpoint found, newest first, with what is wrong with it.
        passed_over: Vec<PassedOver>,
    },
    /// The one checkpoint that was asked for cannot be loaded.
    #[error("cannot load the checkpoint {}: {damage}; put back a copy of it, or choose another", path.display())]
    Damaged {
        /// The checkpoint's folder.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// [`retain`](super::retain()) was asked to keep nothing.
    #[error("0 checkpoints were to be kept, which would remove the run's last one; keep at least 1")]
    KeepNone,
}

/// A checkpoint that loading passed over, and why.
#[derive(Debug)]
pub struct PassedOver {
    /// The checkpoint's folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Damage,
}

impl Display for PassedOver {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        write!(f, "{}: {}", name.display(), self.reason)
    }
}

fn list(passed_over: &[PassedOver]) -> String {
    passed_over.iter().map(PassedOver::to_string).collect::<Vec<_>>().join("; ")
}

/// Why a checkpoint cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// A file is missing or cannot be read.
    #[error(transparent)]
    Unreadable(#[from] FileError),
    /// The manifest is longer than any that is written.
    #[error("manifest.json has {length} bytes, more than the {limit} that a manifest may have")]
    ManifestLength {
        /// Its length in bytes.
        length: u64,
        /// The most bytes a manifest may take.
        limit: u64,
    },
    /// The manifest is not what was written.
    #[error("manifest.json does not match its own checksum, so it was damaged or cut short")]
    ManifestChecksum,
    /// The manifest matches its checksum but does not say what a manifest says.
    #[error("manifest.json is not a manifest ({0})")]
    ManifestFields(String),
    /// The checkpoint comes from a later version of this library.
    #[error("written by a newer Gradus, version {found}; this one reads up to {supported}")]
    NewerFormat {
        /// The format version that the manifest names.
        found: u32,
        /// The newest format version that this library reads.
        supported: u32,
    },
    /// The manifest is that of another step.
    #[error("manifest.json is of step {found}, the folder's name says {expected}")]
    Step {
        /// The step in the folder's name.
        expected: u64,
        /// The step in the manifest.
        found: u64,
    },
    /// The manifest lists a file that no checkpoint may hold.
    #[error("manifest.json lists a file named \"{name}\": {why}")]
    FileName {
        /// The refused name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file is longer or shorter than it was.
    #[error("{name} has {found} bytes instead of {expected}")]
    FileLength {
        /// The file's name.
        name: String,
        /// Its length when it was written.
        expected: u64,
        /// Its length now.
        found: u64,
    },
    /// A file's bytes are not the ones that were written.
    #[error("{name} does not match its checksum")]
    FileChecksum {
        /// The file's name.
        name: String,
    },
    /// A file does not fit in memory.
    #[error("{name} needs {length} bytes of memory, which are not to be had")]
    Memory {
        /// The file's name.
        name: String,
        /// Its length in bytes.
        length: u64,
    },
    /// The files are whole, but not the ones that were to be written.
    #[error("{name} holds other bytes than those that were to be written")]
    Differs {
        /// The file's name.
        name: String,
    },
}
