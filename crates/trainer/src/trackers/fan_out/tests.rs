//! What a run may rely on, whatever its trackers do.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::*;
use crate::trackers::Record;

type Log = Arc<Mutex<Vec<(u64, Split, String, f64)>>>;

/// Keeps what it is given, once its way of behaving lets it.
struct Fake(Log, Behaviour);

enum Behaviour {
    Works,
    Fails,
    /// Fails this many times and then works.
    FailsAtFirst(u32),
    Panics,
    /// Stands still at the first record until told to go on.
    Waits(Receiver<()>),
}

impl Tracker for Fake {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        match &mut self.1 {
            Behaviour::Works | Behaviour::FailsAtFirst(0) => {}
            Behaviour::Fails => return Err(TrackerError::NotEmpty { path: PathBuf::from("x"), length: 1 }),
            Behaviour::FailsAtFirst(left) => {
                *left -= 1;
                return Err(TrackerError::NotEmpty { path: PathBuf::from("x"), length: 1 });
            }
            Behaviour::Panics => panic!("odd"),
            Behaviour::Waits(go) => {
                let _ = go.recv();
            }
        }
        self.0.lock().unwrap().push((record.step, record.split, record.name.to_string(), record.value));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        Ok(())
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        Ok(self.0.lock().unwrap().len() as u64)
    }
}

#[test]
fn one_that_fails_is_left_out_and_told_of_once() {
    let behaviours = [Behaviour::Works, Behaviour::Fails, Behaviour::Panics, Behaviour::FailsAtFirst(2)];
    let logs: [Log; 4] = Default::default();
    let mut trackers = Trackers::none();
    for (i, (log, behaviour)) in logs.iter().zip(behaviours).enumerate() {
        trackers.add(format!("fake{i}"), Fake(Arc::clone(log), behaviour));
    }
    trackers.set_epoch(3);
    trackers.log_metric("train_batch_loss", 0.5f32, 7).unwrap();
    trackers.log_metric("val_accuracy", 0.25, 8).unwrap();
    trackers.flush().unwrap();
    let expected =
        [(7, Split::Train, "train_batch_loss".to_owned(), 0.5), (8, Split::Val, "val_accuracy".to_owned(), 0.25)];
    for (log, works) in logs.iter().zip([true, false, false, true]) {
        assert_eq!(*log.lock().unwrap(), if works { &expected[..] } else { &[] });
    }
    let messages = trackers.messages();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].starts_with("the tracker fake1 is off from step 7 on: x already holds"), "{messages:?}");
    assert!(messages[0].ends_with("or resume that run. Training goes on"), "{messages:?}");
    assert!(messages[1].starts_with("the tracker fake2 is off from step 7 on: its code panicked: odd"), "{messages:?}");
    let positions = trackers.positions();
    let want = [("fake0", Some(2)), ("fake1", Some(0)), ("fake3", Some(2)), ("fake4", None)];
    assert!(want.iter().all(|&(name, position)| positions.get(name) == position), "{positions:?}");
    assert!(trackers.messages().is_empty());
}

#[test]
fn a_full_queue_drops_and_counts_and_never_waits_long() {
    let (go, wait) = mpsc::channel();
    let log = Log::default();
    let queue = Arc::new(Queue::with_limits(100, Duration::from_millis(50)));
    let mut trackers = Trackers { queue, thread: None, openers: Vec::new(), positions: TrackerPositions::default() };
    trackers.add("slow", Fake(Arc::clone(&log), Behaviour::Waits(wait)));
    trackers.log_metric("loss", 0.0, 0).unwrap();
    while trackers.queue.is_waiting() {
        thread::sleep(Duration::from_millis(5)); // until it stands still at the first
    }
    let start = Instant::now();
    (1..=250).for_each(|step| trackers.log_metric("loss", 0.0, step).unwrap());
    assert!(start.elapsed() < Duration::from_secs(5));
    let told = trackers.messages();
    assert!(told.len() == 1 && told[0].contains("trackers lose records: the disk"), "{told:?}");
    drop(go);
    trackers.finish(End::Finished, Duration::ZERO);
    assert_eq!(log.lock().unwrap().len(), 101, "the first, and as many as the queue holds");
    let told = trackers.messages();
    assert_eq!(told, ["150 records were lost in all: trackers did not keep up"]);
    trackers.log_metric("loss", 0.0, 300).unwrap();
    assert!(trackers.positions().0.is_empty(), "nobody is there, and nobody waits");
}

#[test]
fn names_that_cannot_be_are_the_callers_error() {
    let mut trackers = Trackers::none();
    assert!(trackers.log_metric("", 1.0, 1).unwrap_err().to_string().contains("the name is empty"));
    trackers.add("fake", Fake(Log::default(), Behaviour::Works));
    (0..65_536).for_each(|i| trackers.log_metric(&format!("loss{i}"), 1.0, 1).unwrap());
    trackers.log_metric("loss7", 1.0, 1).unwrap();
    let error = trackers.log_metric("loss of step 65536", 1.0, 1).unwrap_err().to_string();
    assert!(error.starts_with("log_metric: 65536 metrics have different names already"), "{error}");
}

#[test]
fn an_experiment_logs_from_other_threads_in_order() {
    let log = Log::default();
    let mut trackers = Trackers::none();
    let experiment = trackers.experiment();
    experiment.log_metric("lost", 0.0); // there is no tracker yet
    trackers.add("fake", Fake(Arc::clone(&log), Behaviour::Works));
    let threads = ["a", "b"].map(|name| {
        let experiment = experiment.clone();
        thread::spawn(move || (0..5_000).for_each(|i| experiment.log_metric(name, f64::from(i))))
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    trackers.flush().unwrap();
    for name in ["a", "b"] {
        let values: Vec<f64> = log.lock().unwrap().iter().filter(|one| one.2 == name).map(|one| one.3).collect();
        assert!(values.len() == 5_000 && values.is_sorted(), "{name}");
    }
}

#[test]
fn a_resumed_run_goes_on_where_its_checkpoint_was_saved() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunDir::create(&dir.path().join("run")).unwrap();
    let mut trackers = Trackers::create(&run).unwrap();
    trackers.log_metric("loss", 1.0, 1).unwrap();
    let positions = trackers.positions();
    trackers.log_metric("loss", 9.0, 2).unwrap();
    drop(trackers);
    assert!(Trackers::create(&run).is_err(), "the files hold a run");

    let mut trackers = Trackers::resume(&run, &positions).unwrap();
    trackers.log_metric("loss", 2.0, 2).unwrap();
    trackers.flush().unwrap();
    let csv = fs::read_to_string(run.metrics_csv()).unwrap();
    assert_eq!(csv, "step,epoch,split,name,value\n1,0,train,loss,1.0\n2,0,train,loss,2.0\n");
    assert_eq!(fs::read_to_string(run.metrics_jsonl()).unwrap().lines().count(), 2);
}
