//! What is logged arrives, whole and in order, whatever the server does; and no message shows a key.

use std::thread;
use std::time::Instant;

use serde_json::json;

use super::fake::{Answer, Fake};
use super::*;
use crate::trackers::comet::CometTracker;
use crate::trackers::{MlflowTracker, Split};

const KEY: &str = "secret0123456789secret0123456789";

fn comet(fake: &Fake) -> CometTracker {
    CometTracker::new(&fake.address, KEY, Some("team".to_owned()), None, Duration::ZERO)
}

fn mlflow(fake: &Fake) -> MlflowTracker {
    MlflowTracker::new(&fake.address, Some(KEY), "0".to_owned()).unwrap()
}

fn open(folder: &Path, position: Option<u64>, service: impl Service) -> RemoteTracker {
    RemoteTracker::with_pause(folder, position, service, Duration::from_millis(1)).unwrap()
}

fn log(tracker: &mut RemoteTracker, steps: impl IntoIterator<Item = u64>) {
    steps.into_iter().for_each(|step| tracker.log(&Record::sample(step, "loss", step as f64)).unwrap());
}

fn finish(mut tracker: RemoteTracker) -> Vec<String> {
    tracker.finish(End::Finished, Duration::from_secs(20)).unwrap();
    tracker.messages()
}

fn steps(bodies: &[serde_json::Value]) -> Vec<u64> {
    let metrics = bodies.iter().flat_map(|body| body["metrics"].as_array().cloned().unwrap_or(vec![body.clone()]));
    metrics.map(|metric| metric["step"].as_u64().unwrap()).collect()
}

#[test]
fn nothing_is_lost_and_order_is_kept_whatever_the_server_does() {
    let status = Answer::Status;
    let troubles: [&[Answer]; 5] = [
        &[],
        &[status(500, "sorry"), status(429, "slow down"), status(503, ""), Answer::Cut],
        &[status(200, r#"{"experimentKey":"run7","run":{"info":{"run_id":"run7"}}}"#), Answer::Cut, status(500, "")],
        &[Answer::Cut, Answer::Cut, Answer::Cut, Answer::Cut, Answer::Cut, Answer::Cut],
        &[Answer::Hang(Duration::from_millis(100)), status(408, "")],
    ];
    for (i, trouble) in troubles.into_iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let fake = Fake::start(trouble);
        let mut tracker = open(dir.path(), None, comet(&fake));
        log(&mut tracker, 1..=40);
        finish(tracker);
        assert_eq!(steps(&fake.bodies("/metric")), (1..=40).collect::<Vec<_>>(), "Comet, trouble {i}");
        assert_eq!(fake.bodies("/create"), [json!({"projectName": "general", "workspaceName": "team"})]);
        assert_eq!(fake.bodies("/set-start-end-time").len(), 1);
        assert!(fake.taken().iter().all(|request| request.1 == KEY));

        let dir = tempfile::tempdir().unwrap();
        let fake = Fake::start(trouble);
        let mut tracker = open(dir.path(), None, mlflow(&fake));
        log(&mut tracker, 1..=2500);
        finish(tracker);
        let batches = fake.bodies("/runs/log-batch");
        assert_eq!(steps(&batches), (1..=2500).collect::<Vec<_>>(), "MLflow, trouble {i}");
        assert!(batches.iter().all(|body| body["metrics"].as_array().unwrap().len() <= 1000));
        assert_eq!(fake.bodies("/runs/update")[0]["status"], "FINISHED");
        assert!(fake.taken().iter().all(|request| request.1 == format!("Bearer {KEY}")));
    }
}

#[test]
fn entries_are_spelled_as_the_servers_have_them() {
    let event = |content| Event { step: 0, epoch: 0, time: SystemTime::now(), content };
    let name = |name: &str| name.to_owned();
    let settings = |i| vec![(format!("lr{i}"), 0.5.into()), (name("model"), "mlp".into())];
    let all = |tracker: &mut RemoteTracker| {
        tracker.log_event(&event(Content::Parameters(settings(0)))).unwrap();
        tracker.log_event(&event(Content::Other(name("commit"), name("abc")))).unwrap();
        tracker.log(&Record { split: Split::Val, ..Record::sample(2, "loss", f64::NAN) }).unwrap();
    };
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::start(&[]));
    let mut tracker = open(dir.path(), None, comet(&fake));
    all(&mut tracker);
    finish(tracker);
    let body = json!({"experimentKey": "run7", "parameterName": "lr0", "parameterValue": 0.5});
    assert_eq!(fake.bodies("/parameter")[0], body);
    assert_eq!(fake.bodies("/log-other"), [json!({"experimentKey": "run7", "key": "commit", "value": "abc"})]);
    let metric = json!({"experimentKey": "run7", "metricName": "loss", "metricValue": "NaN", "step": 2, "epoch": 1,
                        "timestamp": 0, "context": "validate"});
    assert_eq!(fake.bodies("/metric"), [metric]);

    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::start(&[]));
    let mut tracker = open(dir.path(), None, mlflow(&fake));
    (0..150).for_each(|i| tracker.log_event(&event(Content::Parameters(settings(i)))).unwrap());
    all(&mut tracker);
    finish(tracker);
    let batches = fake.bodies("/log-batch");
    let lengths: Vec<_> = batches.iter().map(|body| body["params"].as_array().unwrap().len()).collect();
    assert!(lengths.iter().all(|&length| length <= 100) && lengths.iter().sum::<usize>() == 302, "{lengths:?}");
    assert_eq!(batches[0]["params"][0], json!({"key": "lr0", "value": "0.5"}));
    let metric = json!([{"key": "val_loss", "value": "NaN", "timestamp": 0, "step": 2}]);
    assert!(batches.iter().any(|body| body["metrics"] == metric && body["run_id"] == "run7"), "{batches:?}");
}

#[test]
fn a_resumed_run_sends_what_the_server_lacks_and_nothing_twice() {
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::start(&[]));
    let mut tracker = open(dir.path(), None, mlflow(&fake));
    log(&mut tracker, 1..=20);
    let position = tracker.position().unwrap();
    log(&mut tracker, 21..=30);
    finish(tracker); // all 30 are there, but the checkpoint knows of 20
    let mut tracker = open(dir.path(), Some(position), mlflow(&fake));
    log(&mut tracker, 21..=25);
    let position = tracker.position().unwrap();
    finish(tracker);
    let mut tracker = open(dir.path(), Some(position), mlflow(&fake));
    log(&mut tracker, 26..=40);
    finish(tracker);
    assert_eq!(steps(&fake.bodies("/log-batch")), (1..=40).collect::<Vec<_>>());
    assert_eq!(fake.bodies("/runs/create").len(), 1, "it is the same run");
}

#[test]
fn killed_anywhere_the_spool_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let closed = Fake::start(&[Answer::Cut; 1000]);
    let mut tracker = open(dir.path(), None, mlflow(&closed));
    log(&mut tracker, [1]);
    let position = tracker.position().unwrap();
    log(&mut tracker, [2]);
    drop(tracker);
    let path = spool::spool(dir.path());
    let whole = fs::read(&path).unwrap();
    for length in position as usize..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let mut tracker = open(dir.path(), Some(position), mlflow(&closed));
        log(&mut tracker, [2]);
        drop(tracker);
        assert!(fs::read(&path).unwrap() == whole, "killed at byte {length}");
    }
}

#[test]
fn what_is_refused_is_left_out_and_the_rest_arrives() {
    let (dir, created) = (tempfile::tempdir().unwrap(), r#"{"run":{"info":{"run_id":"run7"}}}"#);
    let fake = Fake::start(&[Answer::Status(200, created), Answer::Status(400, "bad"), Answer::Status(400, "bad")]);
    let mut tracker = open(dir.path(), None, mlflow(&fake));
    log(&mut tracker, 1..=5);
    let told = finish(tracker);
    assert_eq!(steps(&fake.bodies("/log-batch")), [2, 3, 4, 5], "the batch, and then the first alone, were refused");
    let expected = ["MLflow does not take an entry (HTTP 400: bad); it is left out", "MLflow did not take 1 entries"];
    assert_eq!(told, expected);
}

#[test]
fn no_message_shows_the_key_and_a_server_that_is_away_holds_nobody_up() {
    for (answer, words) in [
        (Answer::Status(401, "no such key secret0123456789secret0123456789"), "no such key ***; check the key"),
        (Answer::Status(404, ""), "check the address"),
        (Answer::Status(302, ""), "check the address"),
    ] {
        let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::start(&[answer]));
        let mut tracker = open(dir.path(), None, comet(&fake));
        log(&mut tracker, 1..=3);
        let told = finish(tracker);
        assert!(told.len() == 2 && told[0].contains(words), "{told:?}");
        assert!(told[0].starts_with("nothing more is sent to Comet: HTTP "), "{told:?}");
        assert!(told[1].ends_with("are not sent to Comet; resuming the run sends them"), "{told:?}");
        assert!(told.iter().all(|text| !text.contains(KEY)), "{told:?}");
    }
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::start(&[Answer::Hang(Duration::from_secs(60))]));
    let start = Instant::now();
    let mut tracker = open(dir.path(), None, comet(&fake));
    log(&mut tracker, 1..=10_000);
    tracker.position().unwrap();
    tracker.finish(End::Finished, Duration::from_millis(100)).unwrap();
    drop(tracker);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());

    for uri in ["", "mlruns", "http://user:secret0123456789secret0123456789@host"] {
        let error = MlflowTracker::new(uri, None, "0".to_owned()).err().unwrap().to_string();
        assert!(error.starts_with("MLFLOW_TRACKING_URI is not set, or not usable; set it to"), "{error}");
        assert!(!error.contains(KEY), "{error}");
    }
    let secret = format!("{:?}", Http::new("http://x", "Bearer ", Some(Secret::new(KEY)), Duration::ZERO));
    assert!(secret.contains("***") && !secret.contains(KEY), "{secret}");
    let files = ["spool.jsonl", "sent.json"].map(|file| fs::read(dir.path().join(file)).unwrap_or_default());
    assert!(files.iter().all(|bytes| !bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes())));
}

#[test]
fn a_server_that_comes_late_is_told_of_and_gets_all() {
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::start(&[Answer::Status(500, "sorry"); 5]));
    let mut tracker = open(dir.path(), None, comet(&fake));
    log(&mut tracker, 1..=3);
    tracker.flush().unwrap();
    while fake.bodies("/metric").len() < 3 {
        thread::sleep(Duration::from_millis(5));
    }
    let told = finish(tracker);
    let words = "Comet cannot be reached (HTTP 500: sorry); it is tried again, and nothing is lost meanwhile";
    assert_eq!(told, [words]);
}

#[test]
fn too_many_numbers_become_means_and_nothing_else_does() {
    let metric = |step, name: &str, value| Entry::Metric(Record::sample(step, name, value), step);
    let mut entries: Vec<Entry> = (1..=100).map(|step| metric(step, "loss", step as f64)).collect();
    entries.insert(50, Entry::Other("a".to_owned(), "b".to_owned()));
    entries.insert(60, metric(59, "loss", f64::NAN));
    entries.push(metric(100, "accuracy", 0.5));
    let thinned = spool::thinned(entries.clone(), 20);
    assert!(thinned.len() <= 24, "{}", thinned.len());
    assert_eq!(thinned[0], metric(11, "loss", 6.0));
    assert!(thinned.contains(&entries[50]) && thinned.contains(&metric(100, "accuracy", 0.5)));
    let nan = |entry: &&Entry| matches!(entry, Entry::Metric(record, 59) if record.value.is_nan());
    assert_eq!(thinned.iter().filter(nan).count(), 1);
    assert_eq!(spool::thinned(entries[..40].to_vec(), 40), entries[..40]);
}
