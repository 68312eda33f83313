//! What a run's folder promises.

use std::fs;

use tempfile::{TempDir, tempdir};

use super::{RunDir, RunDirError, Summary};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    recipe: String,
    seed: u64,
    lr: f64,
    optimizer: Option<String>,
}

fn run() -> (TempDir, RunDir) {
    let dir = tempdir().unwrap();
    let run = RunDir::create(&dir.path().join("runs/a")).unwrap();
    (dir, run)
}

#[test]
fn a_new_run_gets_its_folder_and_no_other_run_gets_it() {
    let (_dir, run) = run();
    assert!(run.checkpoints().is_dir());
    assert_eq!(RunDir::create(run.path()).unwrap(), run, "an empty one may be there");
    for trace in ["config.toml", "metrics.csv", "metrics.jsonl", "model.safetensors", "summary.json", "checkpoints/x"] {
        let file = run.path().join(trace);
        fs::write(&file, "").unwrap();
        let error = RunDir::create(run.path()).unwrap_err().to_string();
        let found = trace.trim_end_matches("/x");
        let words = format!(
            "{} already holds a run ({found} is there); resume that run, or choose another folder",
            run.path().display()
        );
        assert_eq!(error, words);
        fs::remove_file(&file).unwrap();
    }
    fs::write(run.path().join("notes.txt"), "").unwrap();
    RunDir::create(run.path()).unwrap();
}

#[test]
fn runs_of_the_same_second_get_folders_of_their_own() {
    let dir = tempdir().unwrap();
    let parent = dir.path().join("runs");
    let names = ["", "-2", "-3"].map(|end| parent.join(format!("digits-20260131-174500{end}")));
    for name in names {
        assert_eq!(RunDir::create_stamped(&parent, "digits", "20260131-174500").unwrap().path(), name);
    }
    let odd = RunDir::create_stamped(&parent, "../a b", "1").unwrap();
    assert_eq!(odd.path(), parent.join("..-a-b-1"), "a recipe's name is no path");

    let now = RunDir::create_named(&parent, "digits").unwrap();
    let name = now.path().file_name().unwrap().to_str().unwrap();
    let stamp = name.strip_prefix("digits-").unwrap();
    let shape: String = stamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "00000000-000000");
}

#[test]
fn a_place_that_cannot_be_a_run_is_named() {
    let (dir, run) = run();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("run");
    let check = |error: RunDirError, words: String| assert!(error.to_string().starts_with(&words), "{error}");
    check(RunDir::create(&file).unwrap_err(), format!("cannot list the folder {}: ", file.display()));
    check(RunDir::create(&below).unwrap_err(), format!("cannot create the folder {}: ", below.display()));
    check(RunDir::create_named(&file, "digits").unwrap_err(), format!("cannot create the folder {}", file.display()));

    let missing = dir.path().join("missing");
    check(
        RunDir::open(&missing).unwrap_err(),
        format!("{} is not a run's folder (it does not exist); check", missing.display()),
    );
    check(RunDir::open(&file).unwrap_err(), format!("{} is not a run's folder (it is no folder)", file.display()));
    let empty = format!("{} is not a run's folder (it has no config.toml); check the path", run.path().display());
    check(RunDir::open(run.path()).unwrap_err(), empty);
}

#[test]
fn a_configuration_reads_back_and_errors_name_the_line() {
    let (_dir, run) = run();
    let config = Config { recipe: "digits".to_string(), seed: u64::MAX, lr: 0.1, optimizer: None };
    run.write_config(&config).unwrap();
    let run = RunDir::open(run.path()).unwrap();
    assert_eq!(run.read_config::<Config>().unwrap(), config);

    for (text, line, reason) in [
        ("recipe = \"digits\"\nseed = 0\nlr = fast\n", 3, ""),
        ("recipe = \"digits\"\nseed = 0\nlr = \"fast\"\n", 3, "invalid type: string \"fast\", expected f64"),
        ("recipe = \"digits\"\nseed = 0\nlr = 1.0\nrl = 2.0\n", 4, "unknown field `rl`"),
        ("lr = 1.0\n", 1, "missing field `recipe`"),
    ] {
        fs::write(run.config(), text).unwrap();
        let error = run.read_config::<Config>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}, line {line}: {reason}", run.config().display())), "{error}");
        assert!(error.ends_with("; correct that line") && !error.contains('\n'), "{error}");
    }
    fs::remove_file(run.config()).unwrap();
    let error = run.read_config::<Config>().unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot read {}: ", run.config().display())), "{error}");

    let error =
        run.write_config(&std::collections::BTreeMap::from([("lrs", [None, Some(0.1)])])).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot write the configuration to {}: ", run.config().display())), "{error}");
    assert!(!run.config().exists());
}

#[test]
fn a_file_is_the_old_or_the_new_one() {
    let (_dir, run) = run();
    let path = run.model();
    fs::write(run.path().join(".tmp-model.safetensors-1-2"), "left by a process that died").unwrap();
    for bytes in [b"one".as_slice(), b"another", b""] {
        run.write_atomically("model.safetensors", bytes).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    let names = || fs::read_dir(run.path()).unwrap().count();
    assert_eq!(names(), 2, "the model and checkpoints, nothing temporary");

    // A folder in the way cannot be replaced by a file.
    fs::create_dir_all(run.summary().join("in the way")).unwrap();
    let error = run.write_atomically("summary.json", b"{}").unwrap_err().to_string();
    assert!(error.starts_with("cannot rename "), "{error}");
    assert_eq!(names(), 3);
}

#[test]
fn a_summary_reads_back_and_numbers_that_are_none_are_null() {
    let (_dir, run) = run();
    let mut summary = Summary {
        recipe: "digits".to_string(),
        epochs: 20,
        steps: 460,
        seed: u64::MAX,
        train_loss: 0.125,
        val_loss: Some(0.25),
        val_accuracy: Some(0.975),
        train_seconds: 1.5,
        samples_per_second: 19000.0,
        peak_rss_bytes: Some(1 << 26),
        threads: 2,
        parameters: 9000,
    };
    run.write_summary(&summary).unwrap();
    assert_eq!(run.read_summary().unwrap(), summary);

    (summary.train_loss, summary.val_loss, summary.peak_rss_bytes) = (f64::NAN, Some(f64::INFINITY), None);
    run.write_summary(&summary).unwrap();
    let text = fs::read_to_string(run.summary()).unwrap();
    assert!(text.contains("\n  \"train_loss\": null,\n  \"val_loss\": null,\n  \"val_accuracy\": 0.975,\n"), "{text}");
    let back = run.read_summary().unwrap();
    assert!(back.train_loss.is_nan() && back.val_loss.is_none() && back.peak_rss_bytes.is_none());

    fs::write(run.summary(), "{\n\"recipe\": 1}").unwrap();
    let error = run.read_summary().unwrap_err().to_string();
    assert!(error.contains("is not a run's summary: invalid type: integer `1`") && error.contains("line 2"), "{error}");
}
