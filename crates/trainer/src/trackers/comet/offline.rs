//! A Comet experiment kept in files, to be uploaded later.

use std::env;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::archive::{EXPERIMENT, Experiment, MESSAGES, archive};
use super::message::{self, Asset, milliseconds};
use crate::error::{FileError, Operation};
use crate::run_dir::{RunDir, write_atomically};
use crate::trackers::append::AppendFile;
use crate::trackers::{Content, End, Event, Opener, Record, Tracker, TrackerError};

/// Keeps an experiment in a folder and makes an archive of it for `comet upload`.
///
/// The folder holds `messages.json`, a line a number or event, `experiment.json` and the files that were logged. The
/// archive `<key>.zip` is made at the end of the run, and by [`comet_archive`](super::comet_archive) at any time, also
/// of a run that was killed. Project and workspace are those of `COMET_PROJECT_NAME` and `COMET_WORKSPACE` when the run
/// begins; without them, Comet's defaults for whoever uploads. No key and no network is needed.
///
/// Texts and histograms are assets, images figures. Comet itself keeps 15,000 values of each metric.
pub struct CometOfflineTracker {
    folder: PathBuf,
    file: AppendFile,
    /// Lines so far: the next message's number.
    lines: u64,
    line: Vec<u8>,
    messages: Vec<String>,
}

impl CometOfflineTracker {
    /// Begins a new experiment in a folder, which is made if need be. One that holds an experiment is an error.
    ///
    /// # Errors
    /// Where its files cannot be made.
    pub fn create(folder: &Path) -> Result<Self, TrackerError> {
        fs::create_dir_all(folder).map_err(FileError::on(Operation::CreateFolder, folder))?;
        let file = AppendFile::create(&folder.join(MESSAGES))?;
        let now = milliseconds(SystemTime::now());
        let experiment = Experiment {
            key: key(),
            project_name: setting("COMET_PROJECT_NAME"),
            workspace: setting("COMET_WORKSPACE"),
            start_time: now,
        };
        write_atomically(folder, EXPERIMENT, experiment.to_json(now).to_string().as_bytes())?;
        Ok(Self::new(folder, file, 0))
    }

    /// Goes on at a [`position`](Tracker::position): later messages are removed. The key stays.
    ///
    /// # Errors
    /// Where the files cannot be written, or no line ends at `position`.
    pub fn resume(folder: &Path, position: u64) -> Result<Self, TrackerError> {
        Experiment::read(folder)?;
        let path = folder.join(MESSAGES);
        let file = AppendFile::resume_lines(&path, position)?;
        let lines = count_lines(&path).map_err(FileError::on(Operation::Read, &path))?;
        Ok(Self::new(folder, file, lines))
    }

    /// Opens the tracker in the folder `comet` of a run: for
    /// [`TrainerBuilder::tracker`](crate::TrainerBuilder::tracker).
    pub fn opener() -> Opener {
        Box::new(|run, position| {
            let folder = Self::folder(run);
            let tracker = position.map_or_else(|| Self::create(&folder), |position| Self::resume(&folder, position));
            Ok(Box::new(tracker?))
        })
    }

    pub(super) fn folder(run: &RunDir) -> PathBuf {
        run.path().join("comet")
    }

    fn new(folder: &Path, file: AppendFile, lines: u64) -> Self {
        Self { folder: folder.to_path_buf(), file, lines, line: Vec::new(), messages: Vec::new() }
    }

    fn append(&mut self, message: &Value) -> Result<(), TrackerError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, message).expect("a value with text for keys is written to memory");
        self.line.push(b'\n');
        self.file.append(&self.line)?;
        self.lines += 1;
        Ok(())
    }

    /// Keeps a file's bytes before the message that names it: an archive never misses one.
    fn append_asset(&mut self, event: &Event, (name, ending): (&str, &str), bytes: &[u8]) -> Result<(), TrackerError> {
        // The archive is flat, and names may hold anything.
        let file = format!("asset-{}{ending}", self.lines);
        write_atomically(&self.folder, &file, bytes)?;
        let kind = if ending == ".png" { "visualization" } else { "asset" };
        let asset = Asset { file: &file, name: &format!("{name}{ending}"), kind };
        self.append(&message::asset(&asset, (event.step, event.epoch), event.time, self.lines))
    }
}

impl Tracker for CometOfflineTracker {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        self.append(&message::metric(record, self.lines))
    }

    fn log_event(&mut self, event: &Event) -> Result<(), TrackerError> {
        match &event.content {
            Content::Parameters(parameters) => parameters.iter().try_for_each(|(name, value)| {
                self.append(&message::parameter(name, value, event.step, event.time, self.lines))
            }),
            Content::Other(name, value) => self.append(&message::other(name, value, self.lines)),
            Content::Text(name, text) => self.append_asset(event, (name, ".txt"), text.as_bytes()),
            Content::Histogram(name, histogram) => {
                let json = json!({ "edges": histogram.edges(), "counts": histogram.counts() });
                self.append_asset(event, (name, ".json"), json.to_string().as_bytes())
            }
            Content::Image(name, image) => self.append_asset(event, (name, ".png"), image.png()),
            Content::Artifact(name, path) => {
                let bytes = fs::read(path).map_err(FileError::on(Operation::Read, path));
                let bytes = bytes.map_err(|error| TrackerError::Asset { name: name.clone(), error })?;
                self.append_asset(event, (name, ""), &bytes)
            }
        }
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        self.file.flush()
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        self.file.position()
    }

    fn finish(&mut self, _end: End, _patience: Duration) -> Result<(), TrackerError> {
        self.file.position()?;
        let path = archive(&self.folder)?;
        let path = path.display();
        self.messages.push(format!("the archive {path} is ready; send it with `comet upload {path}`"));
        Ok(())
    }

    fn messages(&mut self) -> Vec<String> {
        std::mem::take(&mut self.messages)
    }
}

/// A setting of the environment, if it says something.
fn setting(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// 32 random hexadecimal digits, which Comet takes for a key.
fn key() -> String {
    // The standard library's only source of randomness, seeded by the operating system.
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn count_lines(path: &Path) -> std::io::Result<u64> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut count = 0;
    let mut line = Vec::new();
    while reader.by_ref().read_until(b'\n', &mut line)? > 0 {
        count += 1;
        line.clear();
    }
    Ok(count)
}
