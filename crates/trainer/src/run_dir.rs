//! A run's folder: where its configuration, metrics, model, checkpoints and summary lie.
//!
//! ```text
//! runs/digits-20260131-174500/
//!     config.toml         what the run was asked to do
//!     metrics.csv         every number, a row each
//!     metrics.jsonl       the same as JSON lines
//!     checkpoints/        what a resumed run goes on from
//!     best/               the best of them, where that is asked for
//!     model.safetensors   the trained model
//!     summary.json        how it went
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::checkpoint::{Disk, FileSystem, make_folder, temporary_name, write_file};
use crate::error::{FileError, Operation};

/// Why a run's folder, or a file in it, could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunDirError {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// A new run was to go where one already is.
    #[error("{} already holds a run ({found} is there); resume that run, or choose another folder", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What of a run was found in it.
        found: &'static str,
    },
    /// A run was to be opened where there is none.
    #[error("{} is not a run's folder ({reason}); check the path", path.display())]
    NotARun {
        /// The path.
        path: PathBuf,
        /// What is missing.
        reason: &'static str,
    },
    /// `config.toml` does not say what it should.
    #[error("{}, line {line}: {reason}; correct that line", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A configuration that TOML cannot hold, such as a list with a value missing.
    #[error("cannot write the configuration to {}: {reason}; change that value", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// What TOML has against it.
        reason: String,
    },
    /// `summary.json` does not say what it should.
    #[error("{} is not a run's summary: {reason}; remove it, and run again", path.display())]
    Summary {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A run's folder. One process at a time writes to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    path: PathBuf,
}

const CONFIG: &str = "config.toml";
const CHECKPOINTS: &str = "checkpoints";
const SUMMARY: &str = "summary.json";

impl RunDir {
    /// Makes the folder of a new run, with those above it. An empty one may be there.
    ///
    /// # Errors
    /// Where a run is there already, and where the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, RunDirError> {
        make_folder(&Disk, path)?;
        let names = Disk.list(path).map_err(FileError::on(Operation::List, path))?;
        let run = Self { path: path.to_path_buf() };
        if let Some(found) = run.traces(&names)? {
            return Err(RunDirError::Occupied { path: path.to_path_buf(), found });
        }
        make_folder(&Disk, &run.checkpoints())?;
        Ok(run)
    }

    /// Makes the folder of a new run of `recipe` in `parent` (usually `runs`), named after the recipe and the local
    /// time: `digits-20260131-174500`. A second one in that second gets `-2` at the end, and so on.
    pub fn create_named(parent: &Path, recipe: &str) -> Result<Self, RunDirError> {
        Self::create_stamped(parent, recipe, &Zoned::now().strftime("%Y%m%d-%H%M%S").to_string())
    }

    fn create_stamped(parent: &Path, recipe: &str, stamp: &str) -> Result<Self, RunDirError> {
        make_folder(&Disk, parent)?;
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        let name = format!("{}-{stamp}", recipe.chars().map(plain).collect::<String>());
        let mut path = parent.join(&name);
        for count in 2u32.. {
            // Making it is the question whether it is there, so two runs that start at once cannot get the same.
            match Disk.create_folder(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => path = parent.join(format!("{name}-{count}")),
                made => {
                    made.map_err(FileError::on(Operation::CreateFolder, &path))?;
                    break;
                }
            }
        }
        Disk.sync_folder(parent).map_err(FileError::on(Operation::SyncFolder, parent))?;
        Self::create(&path)
    }

    /// Opens the folder of a run, to resume or to read it.
    ///
    /// # Errors
    /// Where there is no folder, or one without a run.
    pub fn open(path: &Path) -> Result<Self, RunDirError> {
        let not_a_run = |reason| Err(RunDirError::NotARun { path: path.to_path_buf(), reason });
        let run = Self { path: path.to_path_buf() };
        match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => not_a_run("it does not exist"),
            Err(error) => Err(FileError::on(Operation::Open, path)(error).into()),
            Ok(metadata) if !metadata.is_dir() => not_a_run("it is no folder"),
            Ok(_) if !run.config().exists() => not_a_run("it has no config.toml"),
            Ok(_) => Ok(run),
        }
    }

    /// What of a run is among these names of the folder.
    fn traces(&self, names: &[String]) -> Result<Option<&'static str>, FileError> {
        let files = [CONFIG, "metrics.csv", "metrics.jsonl", "model.safetensors", SUMMARY];
        if let Some(found) = files.into_iter().find(|file| names.iter().any(|name| name == file)) {
            return Ok(Some(found));
        }
        let checkpoints = self.checkpoints();
        match Disk.list(&checkpoints) {
            Ok(names) if names.is_empty() => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            listed => listed.map(|_| Some("checkpoints")).map_err(FileError::on(Operation::List, &checkpoints)),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `config.toml`.
    pub fn config(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// `metrics.csv`.
    pub fn metrics_csv(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// `metrics.jsonl`.
    pub fn metrics_jsonl(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// `model.safetensors`.
    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// The folder `checkpoints`.
    pub fn checkpoints(&self) -> PathBuf {
        self.path.join(CHECKPOINTS)
    }

    /// The folder `best`: the checkpoints with the best values of what is monitored, where that is asked for.
    pub fn best(&self) -> PathBuf {
        self.path.join("best")
    }

    /// `summary.json`.
    pub fn summary(&self) -> PathBuf {
        self.path.join(SUMMARY)
    }

    /// Writes `config.toml`.
    ///
    /// # Errors
    /// Where TOML cannot hold the configuration, or the file cannot be written.
    pub fn write_config<C: Serialize>(&self, config: &C) -> Result<(), RunDirError> {
        let not_toml =
            |error: toml::ser::Error| RunDirError::NotToml { path: self.config(), reason: error.to_string() };
        self.write_atomically(CONFIG, toml::to_string_pretty(config).map_err(not_toml)?.as_bytes())
    }

    /// Reads `config.toml`.
    ///
    /// # Errors
    /// Where the file cannot be read, or does not say what a `C` needs: names the line.
    pub fn read_config<C: DeserializeOwned>(&self) -> Result<C, RunDirError> {
        let path = self.config();
        let text = fs::read_to_string(&path).map_err(FileError::on(Operation::Read, &path))?;
        toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text.as_bytes()[..start].iter().filter(|&&b| b == b'\n').count();
            RunDirError::Config { path, line, reason: error.message().replace('\n', ", ") }
        })
    }

    /// Writes a file of this folder so that at any moment there is the old one or the new one, whole.
    ///
    /// # Errors
    /// Names the operation that failed; the file is then as it was.
    pub fn write_atomically(&self, name: &str, bytes: &[u8]) -> Result<(), RunDirError> {
        Ok(write_atomically(&self.path, name, bytes)?)
    }

    /// Writes `summary.json`.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_summary(&self, summary: &Summary) -> Result<(), RunDirError> {
        let mut bytes = serde_json::to_vec_pretty(summary).expect("numbers and strings are always JSON");
        bytes.push(b'\n');
        self.write_atomically(SUMMARY, &bytes)
    }

    /// Reads `summary.json`.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no summary.
    pub fn read_summary(&self) -> Result<Summary, RunDirError> {
        let path = self.summary();
        let bytes = fs::read(&path).map_err(FileError::on(Operation::Read, &path))?;
        serde_json::from_slice(&bytes).map_err(|error| RunDirError::Summary { path, reason: error.to_string() })
    }
}

/// How a run went. In the file, a number that is not finite is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The recipe's name.
    pub recipe: String,
    /// Epochs done.
    pub epochs: u64,
    /// Optimizer steps taken.
    pub steps: u64,
    /// The seed of all that is random.
    pub seed: u64,
    /// The mean loss of the last epoch on the training data.
    #[serde(deserialize_with = "number_or_nan")]
    pub train_loss: f64,
    /// The mean loss on the validation data at the end.
    pub val_loss: Option<f64>,
    /// The part of the validation data that is classified right at the end, from 0 to 1.
    pub val_accuracy: Option<f64>,
    /// Wall-clock seconds spent in training and validation.
    #[serde(deserialize_with = "number_or_nan")]
    pub train_seconds: f64,
    /// Training samples per second of training.
    #[serde(deserialize_with = "number_or_nan")]
    pub samples_per_second: f64,
    /// The most memory used, where the system tells: see [`peak_rss_bytes`](crate::peak_rss_bytes).
    pub peak_rss_bytes: Option<u64>,
    /// Threads that kernels used.
    pub threads: u64,
    /// Numbers in the model's parameters.
    pub parameters: u64,
}

fn number_or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// Writes a file of a folder so that at any moment there is the old one or the new one, whole.
pub(crate) fn write_atomically(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FileError> {
    remove_leftovers(folder, name);
    let path = folder.join(name);
    let temporary = folder.join(temporary_name(name));
    let written = write_file(&Disk, &temporary, bytes)
        .and_then(|()| Disk.rename(&temporary, &path).map_err(FileError::on(Operation::Rename, &temporary)));
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary); // the first error is the one to tell
        return Err(error);
    }
    Disk.sync_folder(folder).map_err(FileError::on(Operation::SyncFolder, folder))
}

/// Removes what a process that died while it wrote this file has left. It only takes space, so this may fail.
pub(crate) fn remove_leftovers(folder: &Path, name: &str) {
    let beginning = format!(".tmp-{name}-");
    let names = Disk.list(folder).unwrap_or_default();
    for leftover in names.iter().filter(|name| name.starts_with(&beginning)) {
        let _ = fs::remove_file(folder.join(leftover));
    }
}

#[cfg(test)]
mod tests;
