//! Checkpoints: folders of named byte strings that are whole or are not there.
//!
//! What the bytes mean is decided elsewhere; here they are made durable, found damaged when they are, and found again.
//! A checkpoint is written beside its place, flushed, described by a manifest with lengths and checksums, and only then
//! given its name, so a process or a machine that dies at any moment leaves the checkpoint of before or the new one.
//!
//! ```
//! use gradus_trainer::checkpoint;
//!
//! let folder = tempfile::tempdir()?;
//! checkpoint::save(folder.path(), 100, &[("model.safetensors", b"weights"), ("state.bin", b"state")])?;
//! checkpoint::retain(folder.path(), 3)?;
//!
//! let newest = checkpoint::load_newest(folder.path())?;
//! assert_eq!(newest.step, 100);
//! assert_eq!(newest.files["state.bin"], b"state");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! One process at a time may write to a folder of checkpoints; any number may read it.

pub mod codec;
mod error;
mod file_system;
mod format;
mod load;
mod retain;
mod save;
mod writer;

pub use error::{CheckpointError, Damage, PassedOver};
pub use file_system::{Disk, FileSystem, FileWriter};
pub use format::FORMAT_VERSION;
pub use load::{Loaded, load, load_newest, load_newest_with, load_with};
pub use retain::{retain, retain_with};
pub use save::{save, save_with};

pub(crate) use file_system::{make_folder, temporary_name, write_file};
pub(crate) use writer::Writer;
