//! TensorBoard's event files: numbers, texts, histograms, images and settings.
//!
//! A file is a list of records. Each is the length of its data (u64), a checksum of that, the data, and a checksum of
//! the data; all little-endian, the checksums masked CRC-32C. The data is a protobuf message `Event`.

mod message;
mod proto;
mod records;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::append::AppendFile;
use super::{Content, End, Event, Opener, Parameter, Record, Split, Tracker, TrackerError};
use crate::error::{FileError, Operation};
use crate::run_dir::RunDir;

/// TensorBoard reads every file of a folder whose name holds `tfevents`.
const FILE: &str = "events.out.tfevents.0000000000.gradus";

/// Writes the event file `events.out.tfevents.0000000000.gradus` in a folder, for `tensorboard --logdir`.
///
/// A metric `loss` of the training data has the tag `loss/train`, of the validation data `loss/val`; a name that
/// begins with `train_` or `val_` is its own tag. Values are stored as f32, as TensorBoard has them. The first settings
/// that are logged become the run's hyper-parameters; further ones and [`Content::Other`] are texts. Files that are
/// logged are ignored.
///
/// Source: `tensorboard/compat/proto/{event,summary}.proto` and `tensorboard/plugins/hparams/*.proto` in the
/// repository tensorflow/tensorboard.
pub struct TensorBoardTracker {
    file: AppendFile,
    has_settings: bool,
}

impl TensorBoardTracker {
    /// Begins a new file in a folder, which is made if need be. A file that holds something already is an error.
    ///
    /// # Errors
    /// Where the file cannot be made.
    pub fn create(folder: &Path) -> Result<Self, TrackerError> {
        fs::create_dir_all(folder).map_err(FileError::on(Operation::CreateFolder, folder))?;
        let mut tracker = Self { file: AppendFile::create(&folder.join(FILE))?, has_settings: false };
        tracker.write(&message::version(SystemTime::now()))?;
        Ok(tracker)
    }

    /// Goes on at a [`position`](Tracker::position): later records are removed. Where the file is missing, a new one is
    /// begun: TensorBoard then shows what comes from here on.
    ///
    /// # Errors
    /// Where the file cannot be written, or no record of it ends at `position`.
    pub fn resume(folder: &Path, position: u64) -> Result<Self, TrackerError> {
        let path = folder.join(FILE);
        if position == 0 || !path.exists() {
            return Self::create(folder);
        }
        let has_settings = records::check(&path, position, message::SESSION_START.as_bytes())?;
        Ok(Self { file: AppendFile::resume(&path, position)?, has_settings })
    }

    /// Opens the tracker in the folder `tensorboard` of a run: for
    /// [`TrainerBuilder::tracker`](crate::TrainerBuilder::tracker).
    pub fn opener() -> Opener {
        Box::new(|run, position| {
            let folder = Self::folder(run);
            let tracker = position.map_or_else(|| Self::create(&folder), |position| Self::resume(&folder, position));
            Ok(Box::new(tracker?))
        })
    }

    fn folder(run: &RunDir) -> PathBuf {
        run.path().join("tensorboard")
    }

    fn write(&mut self, data: &[u8]) -> Result<(), TrackerError> {
        self.file.append(&records::framed(data))
    }

    fn write_settings(&mut self, event: &Event, settings: &[(String, Parameter)]) -> Result<(), TrackerError> {
        if self.has_settings {
            let lines: String = settings.iter().map(|(name, value)| format!("{name}: {value}  \n")).collect();
            return self.write(&message::text(event.time, event.step, "parameters", &lines));
        }
        // One record after the other, but both or, after an error, from the first again: TensorBoard keeps the first.
        self.write(&message::experiment(event.time, settings))?;
        self.write(&message::session_start(event.time, settings))?;
        self.has_settings = true;
        Ok(())
    }
}

impl Tracker for TensorBoardTracker {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        let prefixed = record.name.starts_with("train_") || record.name.starts_with("val_");
        let tag = match record.split {
            _ if prefixed => record.name.to_string(),
            Split::Train => format!("{}/train", record.name),
            Split::Val => format!("{}/val", record.name),
        };
        self.write(&message::scalar(record.time, record.step, &tag, record.value as f32))
    }

    fn log_event(&mut self, event: &Event) -> Result<(), TrackerError> {
        let (time, step) = (event.time, event.step);
        match &event.content {
            Content::Parameters(settings) => self.write_settings(event, settings),
            Content::Text(name, text) | Content::Other(name, text) => {
                self.write(&message::text(time, step, name, text))
            }
            Content::Histogram(name, histogram) => self.write(&message::histogram(time, step, name, histogram)),
            Content::Image(name, image) => self.write(&message::image(time, step, name, image)),
            Content::Artifact(..) => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        self.file.flush()
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        self.file.position()
    }

    fn finish(&mut self, end: End, _patience: Duration) -> Result<(), TrackerError> {
        // An interrupted run may go on, and TensorBoard would keep this first word about its end.
        if self.has_settings && end != End::Interrupted {
            self.write(&message::session_end(SystemTime::now(), end))?;
        }
        self.flush()
    }
}
