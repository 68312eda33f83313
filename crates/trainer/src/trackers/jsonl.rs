//! Metrics as JSON lines: one object a number.

use std::fmt::Display;

use super::Record;
use super::file::{FileTracker, Format};

/// Writes metrics to a file of JSON lines, `{"step":1,"epoch":0,"split":"train","name":"loss","value":0.5}`.
///
/// A value that is no finite number is one of the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
pub type JsonlTracker = FileTracker<Jsonl>;

/// The format of [`JsonlTracker`].
pub enum Jsonl {}

impl Format for Jsonl {
    const HEADER: &'static str = "";

    fn write(record: &Record, line: &mut Vec<u8>) -> Result<(), impl Display> {
        serde_json::to_writer(&mut *line, record)?;
        line.push(b'\n');
        Ok::<_, serde_json::Error>(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::trackers::{Split, Tracker, TrackerError};

    fn record(step: u64, name: &str, value: f64) -> Record {
        Record { epoch: 2, split: Split::Val, ..Record::sample(step, name, value) }
    }

    #[test]
    fn every_line_is_strict_json() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let mut tracker = JsonlTracker::create(&path).unwrap();
        for (name, value) in [("loss", 0.1), ("a\n\"b\"", f64::NAN), ("up", f64::INFINITY), ("down", f64::NEG_INFINITY)]
        {
            tracker.log(&record(7, name, value)).unwrap();
        }
        tracker.flush().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let expected = r#"{"step":7,"epoch":2,"split":"val","name":"loss","value":0.1}
{"step":7,"epoch":2,"split":"val","name":"a\n\"b\"","value":"NaN"}
{"step":7,"epoch":2,"split":"val","name":"up","value":"Infinity"}
{"step":7,"epoch":2,"split":"val","name":"down","value":"-Infinity"}
"#;
        assert_eq!(text, expected);
        assert!(text.lines().all(|line| serde_json::from_str::<Record>(line).is_ok()));
    }

    #[test]
    fn a_resumed_file_is_cut_to_its_position() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let mut tracker = JsonlTracker::create(&path).unwrap();
        tracker.log(&record(1, "loss", 1.0)).unwrap();
        let position = tracker.position().unwrap();
        tracker.log(&record(2, "loss", 2.0)).unwrap();
        drop(tracker); // what was taken is written, as at the end of a run

        let mut tracker = JsonlTracker::resume(&path, position).unwrap();
        assert_eq!(tracker.position().unwrap(), position);
        tracker.log(&record(3, "loss", 3.0)).unwrap();
        tracker.flush().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let steps = text.lines().map(|line| serde_json::from_str::<Record>(line).unwrap().step);
        assert_eq!(steps.collect::<Vec<_>>(), [1, 3]);
        assert!(matches!(JsonlTracker::create(&path), Err(TrackerError::NotEmpty { .. })));
        let beyond = text.len() as u64 + 1;
        assert!(matches!(JsonlTracker::resume(&path, beyond), Err(TrackerError::Short { .. })));
    }
}
