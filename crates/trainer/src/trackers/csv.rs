//! Metrics as CSV: `step,epoch,split,name,value`, a row a number.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::WriterBuilder;

use super::append::AppendFile;
use super::{Record, Tracker, TrackerError};
use crate::error::{FileError, Operation};

const HEADER: &str = "step,epoch,split,name,value";

/// Writes metrics to a CSV file that begins with `step,epoch,split,name,value`.
pub struct CsvTracker {
    file: AppendFile,
}

impl CsvTracker {
    /// Begins a new file. One that holds something already is an error.
    pub fn create(path: &Path) -> Result<Self, TrackerError> {
        Self::with_header(AppendFile::create(path)?)
    }

    /// Goes on at a [`position`](Tracker::position): later rows are removed, so that the resumed run writes them once.
    pub fn resume(path: &Path, position: u64) -> Result<Self, TrackerError> {
        if position > 0 {
            check_header(path)?;
        }
        Self::with_header(AppendFile::resume(path, position)?)
    }

    fn with_header(mut file: AppendFile) -> Result<Self, TrackerError> {
        if file.is_empty() {
            file.append(format!("{HEADER}\n").as_bytes())?;
        }
        Ok(Self { file })
    }
}

fn check_header(path: &Path) -> Result<(), TrackerError> {
    let mut first = Vec::new();
    let file = File::open(path).map_err(FileError::on(Operation::Open, path))?;
    let header = format!("{HEADER}\n");
    file.take(header.len() as u64).read_to_end(&mut first).map_err(FileError::on(Operation::Read, path))?;
    // A file that ends before its header does is told as too short, by the caller.
    if header.as_bytes().starts_with(&first) {
        return Ok(());
    }
    Err(TrackerError::Header { path: path.to_path_buf(), header: HEADER })
}

impl Tracker for CsvTracker {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        // A writer for each row: one that failed to empty its own buffer in the middle of a row would go on there.
        let mut row = WriterBuilder::new().has_headers(false).buffer_capacity(128).from_writer(Vec::with_capacity(128));
        let written = row.serialize(record).map_err(|error| error.to_string());
        let bytes = written.and_then(|()| row.into_inner().map_err(|error| error.to_string()));
        let bytes = bytes.map_err(|reason| TrackerError::Record {
            path: self.file.path().to_path_buf(),
            name: record.name.clone(),
            step: record.step,
            reason,
        })?;
        self.file.append(&bytes)
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        self.file.flush()
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        self.file.position()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::trackers::Split;

    fn record(step: u64, name: &str, value: f64) -> Record {
        Record { step, epoch: 1, split: Split::Train, name: name.to_string(), value }
    }

    #[test]
    fn rows_are_what_spreadsheets_and_pandas_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.csv");
        let mut tracker = CsvTracker::create(&path).unwrap();
        let odd = "a \"name\", with\nall of it";
        for (name, value) in [("loss", 0.1), ("loss", 1e-300), ("n", 3.0), (odd, f64::NAN), ("up", f64::INFINITY)] {
            tracker.log(&record(7, name, value)).unwrap();
        }
        drop(tracker);
        let text = "step,epoch,split,name,value\n7,1,train,loss,0.1\n7,1,train,loss,1e-300\n7,1,train,n,3.0\n\
                    7,1,train,\"a \"\"name\"\", with\nall of it\",NaN\n7,1,train,up,Infinity\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        let rows: Vec<Record> = csv::Reader::from_path(&path).unwrap().deserialize().map(Result::unwrap).collect();
        assert_eq!(rows[3].name, odd);
        assert!(rows[3].value.is_nan());
    }

    #[test]
    fn a_resumed_file_has_no_gap_and_no_double() {
        let dir = tempfile::tempdir().unwrap();
        let (cut, whole) = (dir.path().join("cut.csv"), dir.path().join("whole.csv"));
        let mut tracker = CsvTracker::create(&whole).unwrap();
        (0..100).for_each(|step| tracker.log(&record(step, "loss", step as f64 / 7.0)).unwrap());
        tracker.flush().unwrap();

        let mut tracker = CsvTracker::create(&cut).unwrap();
        let mut position = tracker.position().unwrap();
        for start in (0..100).step_by(10) {
            // Each time, 7 rows more were written than the checkpoint knows of.
            tracker = CsvTracker::resume(&cut, position).unwrap();
            (start..start + 10).for_each(|step| tracker.log(&record(step, "loss", step as f64 / 7.0)).unwrap());
            position = tracker.position().unwrap();
            assert_eq!(position, fs::metadata(&cut).unwrap().len());
            (0..7).for_each(|step| tracker.log(&record(step, "too much", 0.0)).unwrap());
            tracker.flush().unwrap();
        }
        drop(CsvTracker::resume(&cut, position).unwrap());
        assert!(fs::read(&cut).unwrap() == fs::read(&whole).unwrap());
    }

    #[test]
    fn files_that_are_not_the_runs_own_are_refused_and_left_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.csv");
        let refused = |text: &str, position: Option<u64>, words: &str| {
            fs::write(&path, text).unwrap();
            let opened = match position {
                None => CsvTracker::create(&path),
                Some(position) => CsvTracker::resume(&path, position),
            };
            let error = opened.err().unwrap().to_string();
            assert!(error.starts_with(&format!("{} {words}", path.display())), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        };
        let text = "step,epoch,split,name,value\n1,0,train,loss,0.5\n";
        refused(text, None, "already holds 47 bytes of another run's metrics; choose");
        refused(text, Some(48), "has 47 bytes, but the checkpoint was saved when it had 48, so metrics");
        refused("", Some(47), "has 0 bytes, but");
        refused(text, Some(46), "has no line that ends at byte 46");
        refused("a,b\n1,2\n", Some(8), "does not begin with the line \"step,epoch,split,name,value\"");

        fs::remove_file(&path).unwrap();
        let missing = CsvTracker::resume(&path, 47).err().unwrap().to_string();
        assert!(missing.starts_with(&format!("cannot open {}: ", path.display())), "{missing}");
        drop(CsvTracker::resume(&path, 0).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "step,epoch,split,name,value\n");
    }
}
