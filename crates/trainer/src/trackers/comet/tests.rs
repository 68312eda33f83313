//! Comet's archive: resumed and archived wherever a run was killed, and as Comet's own schemas have it.

use std::fs::{self, File};
use std::io::Read;
use std::time::{Duration, SystemTime};

use gradus_tensor::Tensor;
use serde_json::Value;

use super::archive::{EXPERIMENT, MESSAGES, archive};
use super::*;
use crate::trackers::{Content, End, Event, Histogram, Image, Record, Split, Tracker, TrackerError, python};

fn event(content: Content) -> Event {
    Event { step: 3, epoch: 1, time: SystemTime::now(), content }
}

/// One of everything.
fn log_all(tracker: &mut CometOfflineTracker, artifact: &std::path::Path) {
    let name = |name: &str| name.to_owned();
    let settings = vec![(name("lr"), 0.5.into()), (name("bad"), f64::NAN.into()), (name("nesterov"), true.into())];
    for content in [
        Content::Parameters(settings),
        Content::Other(name("commit"), name("abc")),
        Content::Text(name("a/../b"), name("it works")),
        Content::Histogram(name("weights"), Histogram::of([0.0, 1.0], 2)),
        Content::Image(name("digit"), Image::from_tensor(&Tensor::<f32>::zeros([1, 2, 5]))),
        Content::Artifact(name("notes.bin"), artifact.to_path_buf()),
    ] {
        tracker.log_event(&event(content)).unwrap();
    }
    for value in [0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        tracker.log(&Record { time: SystemTime::now(), ..Record::sample(1, "loss", value) }).unwrap();
    }
    tracker.log(&Record { split: Split::Val, ..Record::sample(2, "accuracy", 0.9) }).unwrap();
}

/// Name and bytes of everything in an archive.
fn unpacked(path: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut files = Vec::new();
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        assert_eq!(file.compression(), zip::CompressionMethod::Stored);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.push((file.name().unwrap().to_string(), bytes));
    }
    files
}

#[test]
fn an_archive_holds_all_that_was_logged() {
    let dir = tempfile::tempdir().unwrap();
    let artifact = dir.path().join("elsewhere");
    fs::write(&artifact, b"\0bytes").unwrap();
    let folder = dir.path().join("comet");
    let mut tracker = CometOfflineTracker::create(&folder).unwrap();
    log_all(&mut tracker, &artifact);
    tracker.finish(End::Finished, Duration::ZERO).unwrap();
    let told = tracker.messages();
    assert!(told.len() == 1 && told[0].contains("send it with `comet upload "), "{told:?}");

    let experiment: Value = serde_json::from_slice(&fs::read(folder.join(EXPERIMENT)).unwrap()).unwrap();
    let key = experiment["offline_id"].as_str().unwrap();
    let files = unpacked(&folder.join(format!("{key}.zip")));
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    let assets = ["asset-4.txt", "asset-5.json", "asset-6.png", "asset-7"];
    let mut expected = vec![EXPERIMENT, MESSAGES];
    expected.extend(["asset-4.txt", "asset-5.json", "asset-6.png", "asset-7"]);
    assert_eq!(
        {
            let mut names = names;
            names.sort_unstable();
            names
        },
        {
            expected.sort_unstable();
            expected
        }
    );
    let bytes = |name: &str| &files.iter().find(|file| file.0 == name).unwrap().1;
    assert_eq!((bytes(assets[0]).as_slice(), bytes(assets[3]).as_slice()), (&b"it works"[..], &b"\0bytes"[..]));
    let lines: Vec<Value> = bytes(MESSAGES)
        .split(|&b| b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 13);
    assert!(lines.iter().enumerate().all(|(i, line)| line["payload"]["message_id"] == i));
    let values: Vec<_> = lines
        .iter()
        .filter(|line| line["type"] == "metric_msg")
        .map(|line| &line["payload"]["metric"]["metricValue"])
        .collect();
    assert_eq!(values, [&Value::from(0.5), &"NaN".into(), &"Infinity".into(), &"-Infinity".into(), &Value::from(0.9)]);
}

#[test]
fn killed_anywhere_a_run_is_archived_without_its_last_line_and_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(MESSAGES);
    let log = |tracker: &mut CometOfflineTracker, step| tracker.log(&Record::sample(step, "loss", 0.5));
    let mut tracker = CometOfflineTracker::create(dir.path()).unwrap();
    log(&mut tracker, 1).unwrap();
    let position = tracker.position().unwrap();
    log(&mut tracker, 2).unwrap();
    drop(tracker);
    let whole = fs::read(&path).unwrap();
    let position = position as usize;
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let files = unpacked(&archive(dir.path()).unwrap());
        let kept = [0, position, whole.len()].into_iter().rfind(|&end| end <= length).unwrap();
        assert!(files[1] == (MESSAGES.to_owned(), whole[..kept].to_vec()), "killed at byte {length}");

        let resumed = CometOfflineTracker::resume(dir.path(), position as u64);
        if length < position {
            assert!(matches!(resumed, Err(TrackerError::Short { .. })), "killed at byte {length}");
            continue;
        }
        let mut tracker = resumed.unwrap();
        log(&mut tracker, 2).unwrap();
        drop(tracker);
        assert!(fs::read(&path).unwrap() == whole, "killed at byte {length}");
    }
}

#[test]
fn files_of_others_are_refused_and_no_file_leads_out_of_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    drop(CometOfflineTracker::create(dir.path()).unwrap());
    let good = fs::read_to_string(dir.path().join(EXPERIMENT)).unwrap();
    fs::write(dir.path().join(MESSAGES), "{\"payload\":{\"file_path\":\"asset-/../../secret\"}}\nnull\n\0\0\n")
        .unwrap();
    let files = unpacked(&archive(dir.path()).unwrap());
    assert_eq!(files.len(), 2);
    assert!(files[1].1.ends_with(b"null\n"));
    for (text, words) in [
        ("", "experiment.json, line 1: EOF while parsing a value; put"),
        ("{", "experiment.json, line 1: EOF while parsing an object; put"),
        ("{\"offline_id\":3}", "line 1: invalid type"),
        ("{\"offline_id\":\"../../../../../../../../../../x\",\"start_time\":1}", "not 32 to 50 letters and digits"),
    ] {
        fs::write(dir.path().join(EXPERIMENT), text).unwrap();
        let error = archive(dir.path()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(good.contains("offline_id"));
}

/// Checks every line and the experiment by the schemas that Comet's Python package comes with.
const VALIDATOR: &str = "
import json, os, sys, zipfile
os.environ['COMET_LOGGING_CONSOLE'] = 'ERROR'
import comet_ml, jsonschema
folder = os.path.join(os.path.dirname(comet_ml.__file__), 'schemas')
schema = lambda name: json.load(open(os.path.join(folder, 'offline-' + name + '.schema.json')))
names = {'metric_msg': 'metric-msg', 'parameter_msg': 'parameter-msg', 'log_other': 'log-other-msg',
         'file_upload': 'file-upload-msg'}
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    jsonschema.validate(json.loads(archive.read('experiment.json')), schema('experiment'))
    for line in archive.read('messages.json').decode().splitlines():
        message = json.loads(line)
        jsonschema.validate(message['payload'], schema(names[message['type']]))
        print(message['type'])
";

#[test]
fn comets_own_schemas_accept_it() {
    let Some(python) = python::with("comet_ml") else { return };
    let dir = tempfile::tempdir().unwrap();
    let artifact = dir.path().join("elsewhere");
    fs::write(&artifact, b"bytes").unwrap();
    let mut tracker = CometOfflineTracker::create(&dir.path().join("comet")).unwrap();
    log_all(&mut tracker, &artifact);
    tracker.flush().unwrap();
    let path = archive(&dir.path().join("comet")).unwrap();
    let kinds = python::output(&python, VALIDATOR, &[path]);
    let count = |kind: &str| kinds.lines().filter(|line| *line == kind).count();
    let counts = ["metric_msg", "parameter_msg", "log_other", "file_upload"].map(count);
    assert_eq!(counts, [5, 3, 1, 4], "{kinds}");
}
