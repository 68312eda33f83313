//! A run with trackers of all kinds: what they hold after a cut and a resume, and that none of them stops it.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use gradus_autograd::Var;
use gradus_data::{Batch, DataLoader, Subset, TensorDataset, digits, random_split};
use gradus_nn::models::Mlp;
use gradus_nn::{Members, Module};
use gradus_optim::{AdamW, Optimizer};
use gradus_tensor::random::manual_seed;
use gradus_trainer::progress::{BatchProgress, EpochReport, Progress};
use gradus_trainer::trackers::{
    CometOfflineTracker, Experiment, Record, TensorBoardTracker, Tracker, TrackerError, comet_archive,
};
use gradus_trainer::{Accuracy, Classifier, Fit, Outcome, RunDir, StepError, Trainer, TrainerBuilder, TrainingStep};

/// Six batches of training data.
fn loader() -> DataLoader<Subset<TensorDataset>> {
    let [train, _] = random_split(digits().unwrap(), [0.1, 0.9], 3).unwrap();
    DataLoader::builder(train).batch_size(32).shuffle(true).seed(5).build().unwrap()
}

/// Logs from within its step, and says stop at one.
struct Logging {
    model: Classifier<Mlp>,
    experiment: Experiment,
    steps: Mutex<u64>,
    stop: Arc<AtomicBool>,
}

impl Module for Logging {
    fn members(&self, members: &mut Members) {
        self.model.members(members);
    }
}

impl TrainingStep for Logging {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        let (loss, accuracy) = self.model.training_step(batch)?;
        self.experiment.log_metric("train_of_the_step", f64::from(loss.item()));
        let mut left = self.steps.lock().unwrap();
        *left -= 1;
        self.stop.store(*left == 0, Ordering::Relaxed);
        Ok((loss, accuracy))
    }
}

/// Trains two epochs, `steps` of their 12 steps at most.
fn train(builder: TrainerBuilder, steps: u64) -> Fit {
    manual_seed(1);
    let model = Classifier { layer: Mlp::new(&[64, 8, 10]) };
    let stop = Arc::new(AtomicBool::new(false));
    let mut optimizer = Optimizer::new(model.named_parameters(), AdamW::default()).unwrap();
    let mut trainer = builder.epochs(2).stop_when(Arc::clone(&stop)).build();
    let model = Logging { model, experiment: trainer.experiment(), steps: Mutex::new(steps), stop };
    trainer.fit(&model, &mut optimizer, &loader(), None::<&DataLoader<Subset<TensorDataset>>>).unwrap()
}

fn with_all_local() -> TrainerBuilder {
    let trackers = Trainer::builder().tracker("tensorboard", TensorBoardTracker::opener());
    let trackers = trackers.tracker("comet", CometOfflineTracker::opener());
    trackers.parameters([("lr".to_owned(), 0.001.into())])
}

/// How often a name is in a file.
fn count(path: &Path, name: &str) -> usize {
    let bytes = fs::read(path).unwrap();
    bytes.windows(name.len()).filter(|part| *part == name.as_bytes()).count()
}

#[test]
fn a_run_cut_and_resumed_has_every_number_once_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    for cut in [1, 5, 6, 9, 12] {
        let run = RunDir::create(&dir.path().join(cut.to_string())).unwrap();
        let first = train(with_all_local().run_dir(run.clone()), cut);
        fs::write(run.path().join("config.toml"), "").unwrap();
        if cut < 12 {
            assert!(matches!(first.outcome, Outcome::Interrupted(_)), "cut at {cut}");
        }
        // What was logged after the checkpoint: a run that was killed has more of it.
        let events = run.path().join("tensorboard/events.out.tfevents.0000000000.gradus");
        let messages = run.path().join("comet/messages.json");
        for path in [&run.metrics_csv(), &run.metrics_jsonl(), &events, &messages] {
            let mut bytes = fs::read(path).unwrap();
            bytes.extend_from_slice(b"train_batch_loss, torn");
            fs::write(path, bytes).unwrap();
        }
        let second = train(with_all_local().resume(run.clone()), 100);
        assert_eq!((second.outcome, second.steps), (Outcome::Finished, 12));
        for path in [&run.metrics_csv(), &run.metrics_jsonl(), &events, &messages] {
            let counts = ["train_batch_loss", "train_of_the_step"].map(|name| count(path, name));
            assert_eq!(counts, [12, 12], "{}, cut at {cut}", path.display());
        }
        assert_eq!(count(&events, "_hparams_/session_start_info"), 1, "cut at {cut}");
        assert_eq!(count(&messages, "parameter_msg"), 1, "cut at {cut}");
        let text = fs::read_to_string(run.metrics_csv()).unwrap();
        let rows = |name: &str| -> Vec<(String, String)> {
            let rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
            rows.filter(|row| row[3] == name).map(|row| (row[0].clone(), row[4].clone())).collect()
        };
        assert_eq!(rows("train_batch_loss"), rows("train_of_the_step"), "the loop keeps the step");
        let archive = comet_archive(&run).unwrap();
        assert!(fs::metadata(archive).unwrap().len() > fs::metadata(messages).unwrap().len());
    }
}

struct Failing;

impl Tracker for Failing {
    fn log(&mut self, record: &Record) -> Result<(), TrackerError> {
        if record.step < 4 {
            return Ok(());
        }
        Err(TrackerError::Record {
            path: "nowhere".into(),
            name: record.name.to_string(),
            step: record.step,
            reason: "it is full".to_owned(),
        })
    }

    fn flush(&mut self) -> Result<(), TrackerError> {
        panic!("it is odd")
    }

    fn position(&mut self) -> Result<u64, TrackerError> {
        Ok(0)
    }
}

/// Keeps messages.
struct Messages(Arc<Mutex<Vec<String>>>);

impl Progress for Messages {
    fn epoch_started(&mut self, _: u64, _: u64, _: u64, _: u64) {}
    fn batch_done(&mut self, _: &BatchProgress) {}
    fn epoch_done(&mut self, _: &EpochReport) {}
    fn message(&mut self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
    fn finished(&mut self) {}
}

#[test]
fn a_tracker_that_fails_is_told_of_and_training_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str| RunDir::create(&dir.path().join(name)).unwrap();
    let (alone, beside) = (run("alone"), run("beside"));
    train(Trainer::builder().run_dir(alone.clone()), 100);
    let said = Arc::new(Mutex::new(Vec::new()));
    let builder = Trainer::builder().tracker("odd", Box::new(|_, _| Ok(Box::new(Failing))));
    let fit = train(builder.run_dir(beside.clone()).progress(Box::new(Messages(Arc::clone(&said)))), 100);
    assert_eq!(fit.outcome, Outcome::Finished);
    assert!(fs::read(alone.metrics_csv()).unwrap() == fs::read(beside.metrics_csv()).unwrap());
    let said = said.lock().unwrap();
    let expected = [
        "odd: cannot write the metric \"train_of_the_step\" of step 4 to nowhere: it is full; give it another name",
        "the tracker odd is off: its code panicked: it is odd; mend that tracker, or leave it out. Training goes on",
    ];
    assert_eq!(*said, expected);
}
