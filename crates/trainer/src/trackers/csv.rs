//! Metrics as CSV: `step,epoch,split,name,value`, a row a number.

use std::fmt::Display;

use csv::WriterBuilder;

use super::Record;
use super::file::{FileTracker, Format};

/// Writes metrics to a CSV file that begins with `step,epoch,split,name,value`.
pub type CsvTracker = FileTracker<Csv>;

/// The format of [`CsvTracker`].
pub enum Csv {}

impl Format for Csv {
    const HEADER: &'static str = "step,epoch,split,name,value\n";

    fn write(record: &Record, line: &mut Vec<u8>) -> Result<(), impl Display> {
        // A writer for each row: one that failed in the middle of a row would go on there.
        let mut row = WriterBuilder::new().has_headers(false).buffer_capacity(128).from_writer(line);
        row.serialize(record).and_then(|()| Ok(row.flush()?))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::trackers::Tracker;

    #[test]
    fn rows_are_what_spreadsheets_and_pandas_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.csv");
        let mut tracker = CsvTracker::create(&path).unwrap();
        let odd = "a \"name\", with\nall of it";
        for (name, value) in [("loss", 0.1), ("loss", 1e-300), ("n", 3.0), (odd, f64::NAN), ("up", f64::INFINITY)] {
            tracker.log(&Record::sample(7, name, value)).unwrap();
        }
        drop(tracker);
        let text = "step,epoch,split,name,value\n7,1,train,loss,0.1\n7,1,train,loss,1e-300\n7,1,train,n,3.0\n\
                    7,1,train,\"a \"\"name\"\", with\nall of it\",NaN\n7,1,train,up,Infinity\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        let rows: Vec<Record> = csv::Reader::from_path(&path).unwrap().deserialize().map(Result::unwrap).collect();
        assert_eq!(&*rows[3].name, odd);
        assert!(rows[3].value.is_nan());
    }

    #[test]
    fn a_resumed_file_has_no_gap_and_no_double() {
        let dir = tempfile::tempdir().unwrap();
        let (cut, whole) = (dir.path().join("cut.csv"), dir.path().join("whole.csv"));
        let mut tracker = CsvTracker::create(&whole).unwrap();
        (0..100).for_each(|step| tracker.log(&Record::sample(step, "loss", step as f64 / 7.0)).unwrap());
        tracker.flush().unwrap();

        let mut tracker = CsvTracker::create(&cut).unwrap();
        let mut position = tracker.position().unwrap();
        for start in (0..100).step_by(10) {
            // Each time, 7 rows more were written than the checkpoint knows of.
            tracker = CsvTracker::resume(&cut, position).unwrap();
            (start..start + 10).for_each(|step| tracker.log(&Record::sample(step, "loss", step as f64 / 7.0)).unwrap());
            position = tracker.position().unwrap();
            assert_eq!(position, fs::metadata(&cut).unwrap().len());
            (0..7).for_each(|step| tracker.log(&Record::sample(step, "too much", 0.0)).unwrap());
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
