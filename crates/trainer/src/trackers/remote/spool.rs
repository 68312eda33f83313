//! What is to be sent, in a file of the run: JSON lines, and how far the server has them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{FileError, Operation};
use crate::run_dir::write_atomically;
use crate::trackers::{Parameter, Record, TrackerError};

const SPOOL: &str = "spool.jsonl";
const SENT: &str = "sent.json";
/// Lines that are read at once.
const WINDOW: usize = 1_000;
/// No line of ours is longer, in bytes.
const LINE: u64 = 1024 * 1024;

/// A line of the spool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::trackers) enum Entry {
    /// A number, and when it was logged, in milliseconds since 1970.
    Metric(Record, u64),
    /// A setting of the run.
    Parameter(String, Parameter),
    /// Something else worth keeping.
    Other(String, String),
}

/// How far the server has the spool.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// What the server calls the run.
    pub(super) id: Option<String>,
    /// Bytes of the spool that it has.
    pub(super) offset: u64,
    /// After a resume: the last step of each metric that it has already, of lines that were cut off.
    pub(super) until: BTreeMap<String, u64>,
}

/// Lines that are sent together.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) entries: Vec<Entry>,
    /// Where they end.
    pub(super) end: u64,
}

impl Sent {
    /// What the file says; nothing where there is none.
    pub(super) fn read(folder: &Path) -> Result<Self, TrackerError> {
        let path = folder.join(SENT);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            read => read.map_err(FileError::on(Operation::Read, &path))?,
        };
        serde_json::from_slice(&bytes).map_err(|error| TrackerError::Content {
            path,
            line: Some(error.line()),
            reason: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
            cure: "remove it to send the whole run again, as a new one",
        })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), FileError> {
        let json = serde_json::to_vec(self).expect("text and numbers are JSON");
        write_atomically(folder, SENT, &json)
    }

    /// What is known after the spool was cut to `position`: what the server has of the part cut off it is not sent
    /// again.
    pub(super) fn cut(&mut self, folder: &Path, position: u64) -> Result<(), TrackerError> {
        if self.offset > position {
            let mut from = position;
            while from < self.offset {
                let window = read(folder, from)?;
                if window.end == from {
                    break;
                }
                let known = window.entries.into_iter().filter_map(|entry| match entry {
                    Entry::Metric(record, _) => Some((key(&record), record.step)),
                    _ => None,
                });
                for (key, step) in known {
                    let until = self.until.entry(key).or_insert(step);
                    *until = step.max(*until);
                }
                from = window.end;
            }
            self.offset = position;
            self.write(folder)?;
        }
        Ok(())
    }

    /// Whether the server has this already.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Metric(record, _) => self.until.get(&key(record)).is_some_and(|&until| record.step <= until),
            _ => false,
        }
    }
}

fn key(record: &Record) -> String {
    format!("{}/{}", record.split, record.name)
}

pub(super) fn spool(folder: &Path) -> PathBuf {
    folder.join(SPOOL)
}

/// The lines from byte `from` on, as far as there are whole ones and up to 1,000. What is no entry is left out.
pub(super) fn read(folder: &Path, from: u64) -> Result<Window, TrackerError> {
    let path = spool(folder);
    let mut file = File::open(&path).map_err(FileError::on(Operation::Open, &path))?;
    file.seek(SeekFrom::Start(from)).map_err(FileError::on(Operation::Read, &path))?;
    let mut reader = BufReader::new(file);
    let mut window = Window { entries: Vec::new(), end: from };
    let mut line = Vec::new();
    for _ in 0..WINDOW {
        line.clear();
        let length = reader.by_ref().take(LINE).read_until(b'\n', &mut line);
        let length = length.map_err(FileError::on(Operation::Read, &path))?;
        if !line.ends_with(b"\n") && (length as u64) < LINE {
            break; // the rest is still being written
        }
        window.end += length as u64;
        window.entries.extend(serde_json::from_slice::<Entry>(&line).ok());
    }
    Ok(window)
}

/// Fewer entries in their place, about `most`: numbers of one name that follow one another become their mean, at the
/// last one's step. What is not finite, or no number, stays as it is.
pub(super) fn thinned(entries: Vec<Entry>, most: usize) -> Vec<Entry> {
    if entries.len() <= most {
        return entries;
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &entries {
        if let Entry::Metric(record, _) = entry {
            *counts.entry(key(record)).or_default() += 1;
        }
    }
    let share = (most / counts.len().max(1)).max(1);
    let mut open: BTreeMap<String, Mean> = BTreeMap::new();
    let mut left = Vec::new();
    for entry in entries {
        let Entry::Metric(record, time) = entry else {
            left.push(entry);
            continue;
        };
        let key = key(&record);
        if !record.value.is_finite() {
            left.extend(open.remove(&key).map(Mean::into_entry));
            left.push(Entry::Metric(record, time));
            continue;
        }
        let (sum, count) = open.remove(&key).map_or((0.0, 0), |mean| (mean.sum, mean.count));
        let mean = Mean { sum: sum + record.value, count: count + 1, last: record, time };
        if mean.count >= counts[&key].div_ceil(share) {
            left.push(mean.into_entry());
        } else {
            open.insert(key, mean);
        }
    }
    left.extend(open.into_values().map(Mean::into_entry));
    left
}

struct Mean {
    sum: f64,
    count: usize,
    last: Record,
    time: u64,
}

impl Mean {
    fn into_entry(self) -> Entry {
        Entry::Metric(Record { value: self.sum / self.count as f64, ..self.last }, self.time)
    }
}
