//! The archive of a Comet experiment: a flat zip file, nothing in it compressed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::message::milliseconds;
use super::offline::CometOfflineTracker;
use crate::checkpoint::temporary_name;
use crate::error::{FileError, Operation};
use crate::run_dir::{RunDir, remove_leftovers};
use crate::trackers::TrackerError;

pub(super) const MESSAGES: &str = "messages.json";
pub(super) const EXPERIMENT: &str = "experiment.json";

/// What `experiment.json` says of an experiment.
#[derive(Deserialize)]
pub(super) struct Experiment {
    #[serde(rename = "offline_id")]
    pub(super) key: String,
    pub(super) project_name: Option<String>,
    pub(super) workspace: Option<String>,
    /// Milliseconds since 1970.
    pub(super) start_time: u64,
}

impl Experiment {
    pub(super) fn read(folder: &Path) -> Result<Self, TrackerError> {
        let path = folder.join(EXPERIMENT);
        let bad = |line: Option<usize>, reason: String| TrackerError::Content {
            path: path.clone(),
            line,
            reason,
            cure: "put the run's file back, or remove that folder and go on without it",
        };
        let bytes = fs::read(&path).map_err(FileError::on(Operation::Read, &path))?;
        let experiment: Self = serde_json::from_slice(&bytes).map_err(|error| {
            let reason = error.to_string();
            // The line is told before it.
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            bad(Some(error.line()), reason)
        })?;
        // It becomes a file's name.
        let plain = experiment.key.chars().all(|c| c.is_ascii_alphanumeric());
        if !plain || !(32..=50).contains(&experiment.key.len()) {
            let reason = format!("offline_id is \"{}\", not 32 to 50 letters and digits", experiment.key);
            return Err(bad(None, reason));
        }
        Ok(experiment)
    }

    pub(super) fn to_json(&self, stop_time: u64) -> Value {
        json!({
            "offline_id": self.key,
            "project_name": self.project_name,
            "workspace": self.workspace,
            "start_time": self.start_time,
            "stop_time": stop_time,
            "tags": [],
            "resume_strategy": "create",
            "user_provided_experiment_key": false,
            "customer_error_reported": false,
            "customer_error_message": null,
        })
    }
}

/// Makes the archive `comet/<key>.zip` of a run that [`CometOfflineTracker`] keeps, and gives its path.
///
/// That works at any moment, also while the run goes on or after it was killed: of the last line, what is not whole is
/// left out. An older archive of the run is replaced once the new one is whole.
///
/// # Errors
/// Where the run has no such files, or they cannot be read, or the archive cannot be written.
pub fn comet_archive(run: &RunDir) -> Result<PathBuf, TrackerError> {
    archive(&CometOfflineTracker::folder(run))
}

pub(super) fn archive(folder: &Path) -> Result<PathBuf, TrackerError> {
    let experiment = Experiment::read(folder)?;
    let name = format!("{}.zip", experiment.key);
    remove_leftovers(folder, &name);
    let (path, temporary) = (folder.join(&name), folder.join(temporary_name(&name)));
    let written = write(folder, &experiment, &temporary)
        .and_then(|()| Ok(fs::rename(&temporary, &path).map_err(FileError::on(Operation::Rename, &temporary))?));
    if let Err(error) = written {
        let _ = fs::remove_file(&temporary); // the first error is the one to tell
        return Err(error);
    }
    Ok(path)
}

fn write(folder: &Path, experiment: &Experiment, target: &Path) -> Result<(), TrackerError> {
    let Whole { lines, assets, time } = whole_lines(&folder.join(MESSAGES))?;
    let failed = |error: zip::result::ZipError| FileError::on(Operation::Write, target)(error.into());
    let file = File::create_new(target).map_err(FileError::on(Operation::CreateFile, target))?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);

    zip.start_file(EXPERIMENT, stored).map_err(failed)?;
    let json = experiment.to_json(time.unwrap_or(experiment.start_time)).to_string();
    zip.write_all(json.as_bytes()).map_err(FileError::on(Operation::Write, target))?;
    zip.start_file(MESSAGES, stored).map_err(failed)?;
    zip.write_all(&lines).map_err(FileError::on(Operation::Write, target))?;
    for asset in assets {
        let path = folder.join(&asset);
        let mut source = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // an upload passes over it, too
            opened => opened.map_err(FileError::on(Operation::Open, &path))?,
        };
        zip.start_file(asset, stored).map_err(failed)?;
        io::copy(&mut source, &mut zip).map_err(FileError::on(Operation::Write, target))?;
    }
    let file = zip.finish().map_err(failed)?.into_inner();
    let file = file.map_err(|error| FileError::on(Operation::Write, target)(error.into_error()))?;
    Ok(file.sync_all().map_err(FileError::on(Operation::Sync, target))?)
}

/// What is whole of `messages.json`.
struct Whole {
    lines: Vec<u8>,
    /// The files that they name.
    assets: BTreeSet<String>,
    /// When the last was written, in milliseconds since 1970.
    time: Option<u64>,
}

fn whole_lines(path: &Path) -> Result<Whole, TrackerError> {
    let file = File::open(path).map_err(FileError::on(Operation::Open, path))?;
    let time = file.metadata().and_then(|metadata| metadata.modified()).ok();
    let mut reader = BufReader::new(file);
    let (mut lines, mut assets) = (Vec::new(), BTreeSet::new());
    loop {
        let before = lines.len();
        let length = reader.read_until(b'\n', &mut lines).map_err(FileError::on(Operation::Read, path))?;
        // A last line without its end was being written; one that is no JSON was lost with the power.
        let parsed = serde_json::from_slice::<Value>(&lines[before..]);
        let line = match parsed {
            Ok(line) if lines.ends_with(b"\n") => line,
            _ => {
                lines.truncate(before);
                if length == 0 {
                    return Ok(Whole { lines, assets, time: time.map(milliseconds) });
                }
                continue;
            }
        };
        if let Some(name) = line["payload"]["file_path"].as_str().filter(|name| name.starts_with("asset-")) {
            // Ours have no folder in their name; another's might lead out of this one.
            if Path::new(name).file_name().is_some_and(|file| file == name) {
                assets.insert(name.to_owned());
            }
        }
    }
}
