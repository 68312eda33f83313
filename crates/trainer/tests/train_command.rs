//! The program behind `cargo xtask train`, as a person meets it: what it writes, says, and answers to mistakes.

mod train_program;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use train_program::{folder, names, program, refuse, succeed, text, train};

#[test]
fn a_run_writes_its_folder_and_a_line_an_epoch() {
    let folder = folder();
    let stdout = succeed(folder.path(), "--epochs 3 --batch-size 64");
    assert!(!stdout.contains(|c: char| c.is_control() && c != '\n'), "control characters in a log: {stdout:?}");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("epoch ")).count(), 3, "{stdout}");
    let run = fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    assert!(run.file_name().unwrap().to_str().unwrap().starts_with("digits-"));
    let want = ["checkpoints", "config.toml", "metrics.csv", "metrics.jsonl", "model.safetensors", "summary.json"];
    assert_eq!(names(&run), want);
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(run.join("summary.json")).unwrap()).unwrap();
    assert_eq!(summary["recipe"], "digits");
    for (name, value) in [("epochs", 3), ("steps", 3 * 23), ("seed", 0)] {
        assert_eq!(summary[name], value, "{name}");
    }
    for number in ["train_loss", "val_loss", "val_accuracy", "train_seconds", "samples_per_second"] {
        assert!(summary[number].is_f64(), "{number} in {summary}");
    }
    let csv = fs::read_to_string(run.join("metrics.csv")).unwrap();
    assert_eq!(csv.lines().next(), Some("step,epoch,split,name,value"));
    assert_eq!(csv.lines().count(), 1 + 3 * 23 + 3 * 4);
    assert!(fs::read_to_string(run.join("config.toml")).unwrap().contains("batch_size = 64"));
}

#[test]
fn trackers_are_chosen_by_name_and_kept_for_a_resume() {
    let folder = folder();
    let stdout = succeed(folder.path(), "--epochs 2 --run-dir run --tracker tensorboard,comet-offline");
    assert!(stdout.contains("send it with `comet upload run/comet/"), "{stdout}");
    let run = folder.path().join("run");
    let events = run.join("tensorboard/events.out.tfevents.0000000000.gradus");
    let before = fs::metadata(&events).unwrap().len();
    assert!(fs::read_to_string(run.join("config.toml")).unwrap().contains("\"comet-offline\""));
    let stdout = succeed(folder.path(), "--resume run --epochs 3");
    assert!(stdout.contains("send it with `comet upload run/comet/"), "{stdout}");
    assert!(fs::metadata(&events).unwrap().len() > before);
    assert!(!folder.path().join("run/mlflow").exists());
    let help = succeed(folder.path(), "--help");
    for name in ["tensorboard", "comet-offline", "COMET_API_KEY", "MLFLOW_TRACKING_URI"] {
        assert!(help.contains(name), "{name} is not in: {help}");
    }
    let refused = train(folder.path(), "--run-dir other --tracker wandb");
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
}

#[test]
fn the_same_seed_gives_the_same_bits_whatever_the_threads() {
    let folder = folder();
    let model = |name: &str, arguments: &str| {
        let stdout = succeed(folder.path(), &format!("--quiet --epochs 4 --run-dir {name} {arguments}"));
        assert_eq!(stdout, "", "--quiet prints nothing");
        fs::read(folder.path().join(name).join("model.safetensors")).unwrap()
    };
    let first = model("a", "");
    assert_eq!(model("b", ""), first);
    assert_eq!(model("c", "--threads 1"), first);
    assert_eq!(model("d", "--threads 2"), first);
    assert_ne!(model("e", "--seed 1"), first);
}

/// Ctrl-C in the middle of training: a checkpoint, exit code 130, and a resumed run as if nothing had happened.
#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_the_run_goes_on_to_the_same_bits() {
    let folder = folder();
    let mut child = Command::new(program())
        .args(["--epochs", "100000", "--run-dir", "stopped"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.by_ref().find(|line| line.starts_with("epoch ")).expect("an epoch is reported");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let said = rest.join("\n");
    assert!(said.contains("interrupted after step") && said.contains("--resume stopped"), "{said}");
    assert!(!folder.path().join("stopped/model.safetensors").exists());

    let step: u64 = {
        let line = rest.iter().find(|line| line.starts_with("interrupted")).unwrap();
        line.split(&[' ', ';'][..]).find_map(|word| word.parse().ok()).unwrap()
    };
    let epochs = step / 90 + 2;
    let stdout = succeed(folder.path(), &format!("--resume stopped --epochs {epochs}"));
    assert!(stdout.contains(&format!("resumed at step {step}")), "{stdout}");
    succeed(folder.path(), &format!("--quiet --epochs {epochs} --run-dir whole"));
    for file in ["model.safetensors", "metrics.csv", "metrics.jsonl", "config.toml"] {
        let read = |run: &str| fs::read(folder.path().join(run).join(file)).unwrap();
        assert!(read("stopped") == read("whole"), "{file} differs after a resume");
    }
}

/// An IDX file: magic number, sizes, bytes.
fn idx(magic: u32, sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_be_bytes().to_vec();
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend_from_slice(data);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";

/// A folder with an MNIST of 40 and 20 images.
fn tiny_mnist(path: &Path) {
    fs::create_dir_all(path).unwrap();
    for (part, n) in [("train", 40u32), ("t10k", 20)] {
        let pixels: Vec<u8> = (0..n * 784).map(|i| (i % 251) as u8).collect();
        let labels: Vec<u8> = (0..n).map(|i| (i % 10) as u8).collect();
        fs::write(path.join(format!("{part}-images-idx3-ubyte")), idx(0x803, &[n, 28, 28], &pixels)).unwrap();
        fs::write(path.join(format!("{part}-labels-idx1-ubyte.gz")), gzip(&idx(0x801, &[n], &labels))).unwrap();
    }
}

#[test]
fn mnist_trains_both_models_from_plain_and_compressed_files() {
    let folder = folder();
    tiny_mnist(&folder.path().join("data"));
    for model in ["mlp", "cnn"] {
        let arguments = format!("mnist --data data --model {model} --epochs 1 --batch-size 8 --run-dir {model}");
        let stdout = succeed(folder.path(), &arguments);
        assert!(stdout.contains("40 samples to train on, 20 to validate on"), "{stdout}");
    }
}

#[test]
fn moons_come_apart_within_a_hundred_steps() {
    let folder = folder();
    let stdout = succeed(folder.path(), "moons --seed 1 --run-dir run");
    assert!(stdout.contains("validation accuracy 100.00 %"), "{stdout}");
}

/// Fifty names of a few letters, no two alike.
fn tiny_names() -> String {
    (0..50).map(|i| format!("{}a{}\n", ["b", "c", "d", "f", "g"][i % 5], &"lmnopqrstu"[..=i / 5])).collect()
}

#[test]
fn texts_are_learned_and_written() {
    let folder = folder();
    fs::write(folder.path().join("names.txt"), tiny_names()).unwrap();
    fs::write(folder.path().join("text.txt"), "what is said is said, and no more. ".repeat(60)).unwrap();
    for (recipe, file, batch) in [("char-gpt", "text.txt", 1), ("char-lstm", "text.txt", 1), ("names", "names.txt", 8)]
    {
        let arguments =
            format!("{recipe} --data {file} --epochs 1 --batch-size {batch} --run-dir {recipe} --sample 40");
        let stdout = succeed(folder.path(), &arguments);
        assert!(stdout.contains("after 1 epoch "), "{stdout}");
        // Of a finished run, without training: the same text.
        let again = succeed(folder.path(), &format!("{recipe} --resume {recipe} --sample 40"));
        assert!(again.chars().count() >= 40 && stdout.ends_with(&again), "{again:?} does not end {stdout:?}");
    }
}

#[test]
fn texts_that_cannot_be_learned_are_named() {
    let folder = folder();
    let check = |recipe: &str, bytes: &[u8], parts: &[&str]| {
        fs::write(folder.path().join("data.txt"), bytes).unwrap();
        refuse(folder.path(), &format!("{recipe} --data data.txt --epochs 1"), 1, parts);
    };
    for recipe in ["char-gpt", "char-lstm", "names"] {
        check(recipe, b"caf\xe9\n", &["data.txt", "UTF-8"]);
        check(recipe, b"too short\n", &["data.txt"]);
        refuse(folder.path(), &format!("{recipe} --data nowhere.txt"), 1, &["nowhere.txt"]);
    }
    refuse(folder.path(), "names --data data.txt --batch-size 1", 1, &["--batch-size 2"]);
    check("names", "a.b\n".repeat(20).as_bytes(), &["data.txt", "full stop"]);
    refuse(folder.path(), "moons --sample 3", 2, &["--sample"]);
}

#[test]
fn bad_usage_exits_with_2_and_says_what_there_is() {
    let folder = folder();
    refuse(folder.path(), "--lr nan", 2, &["nan", "--lr", "a finite number above 0"]);
    refuse(folder.path(), "--lr -1", 2, &["--lr"]);
    refuse(folder.path(), "--batch-size 0", 2, &["--batch-size", "at least 1"]);
    refuse(folder.path(), "--epochs 0", 2, &["--epochs"]);
    refuse(folder.path(), "--threads 0", 2, &["--threads"]);
    refuse(folder.path(), "--optimizer adan", 2, &["adan", "sgd, adam, adamw, adadelta"]);
    refuse(
        folder.path(),
        "mnits",
        2,
        &["unknown recipe 'mnits'", "digits, mnist, images, char-gpt, char-lstm, names, moons"],
    );
    refuse(
        folder.path(),
        "--epochs 3 mnits",
        2,
        &["unknown recipe 'mnits'", "digits, mnist, images, char-gpt, char-lstm, names, moons"],
    );
    refuse(folder.path(), "mnist", 2, &["--data"]);
    refuse(folder.path(), "mnist --data x --model vgg", 2, &["vgg", "cnn, mlp"]);
    refuse(folder.path(), "--resume x --lr 0.1", 2, &["--lr", "--resume"]);
    refuse(folder.path(), "--epoch 3", 2, &["--epochs"]);
}

#[test]
fn bad_data_is_named_with_the_cure() {
    let folder = folder();
    let data = folder.path().join("data");
    let check = |spoil: &dyn Fn(), parts: &[&str]| {
        tiny_mnist(&data);
        spoil();
        refuse(folder.path(), "mnist --data data --epochs 1", 1, parts);
        fs::remove_dir_all(&data).unwrap();
    };
    let write = |name: &str, bytes: Vec<u8>| fs::write(data.join(name), bytes).unwrap();
    let labels = |n: u32, label: u8| gzip(&idx(0x801, &[n], &vec![label; n as usize]));
    check(&|| fs::remove_file(data.join(TRAIN_IMAGES)).unwrap(), &[TRAIN_IMAGES]);
    check(&|| write(TRAIN_IMAGES, idx(0x803, &[40, 28, 28], &[0; 100])), &[TRAIN_IMAGES, "ends after"]);
    check(&|| write(TRAIN_IMAGES, idx(0x1234, &[40, 28, 28], &[0; 40 * 784])), &[TRAIN_IMAGES]);
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 5].to_vec();
    check(&|| write(&format!("{TRAIN_LABELS}.gz"), cut(labels(40, 0))), &[TRAIN_LABELS, "cut off"]);
    check(&|| write(&format!("{TRAIN_LABELS}.gz"), labels(39, 0)), &["39", "40"]);
    check(&|| write(&format!("{TRAIN_LABELS}.gz"), labels(41, 0)), &["41", "40"]);
    check(&|| write(&format!("{TRAIN_LABELS}.gz"), labels(40, 10)), &[TRAIN_LABELS, "10"]);
    refuse(folder.path(), "mnist --data nowhere", 1, &["nowhere"]);
}

#[test]
fn bad_run_folders_are_named_with_the_cure() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    refuse(folder.path(), "--run-dir file/run", 1, &["file"]);
    refuse(folder.path(), "--resume nowhere", 1, &["nowhere", "does not exist"]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    refuse(folder.path(), "--resume empty", 1, &["empty", "config.toml"]);

    succeed(folder.path(), "--quiet --epochs 1 --run-dir run");
    refuse(folder.path(), "--run-dir run", 1, &["already holds a run"]);
    refuse(folder.path(), "mnist --resume run", 1, &["is a run of digits, not of mnist"]);
    let edit = |from: &str, to: &str| {
        let path = folder.path().join("run/config.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("lr = 0.002", "lr = 0.5");
    refuse(folder.path(), "--resume run --epochs 2", 1, &["saved with adamw (lr 0.002)", "lr 0.5"]);
    edit("lr = 0.5", "lr = 0.002");
    edit("model = \"mlp\"", "model = \"cnn\"");
    refuse(folder.path(), "--resume run", 1, &["the model cnn", "mlp"]);
    edit("model = \"cnn\"", "model = \"mlp\"");
    assert!(succeed(folder.path(), "--resume run").contains("all 1 epochs are done already"));
    succeed(folder.path(), "--quiet --resume run --epochs 2");
    refuse(folder.path(), "--resume run --epochs 1", 1, &["has done 2 epochs already"]);
    for old in fs::read_dir(folder.path().join("run/checkpoints")).unwrap().map(|entry| entry.unwrap().path()) {
        if old.ends_with("step-000000000090") {
            fs::remove_dir_all(old).unwrap();
        }
    }
    let checkpoint = fs::read_dir(folder.path().join("run/checkpoints")).unwrap().next().unwrap().unwrap().path();
    let state = checkpoint.join("state.bin");
    let mut bytes = fs::read(&state).unwrap();
    bytes[0] ^= 1;
    fs::write(&state, bytes).unwrap();
    refuse(folder.path(), "--resume run", 1, &["state.bin", "step-"]);
    fs::remove_dir_all(checkpoint).unwrap();
    refuse(folder.path(), "--resume run", 1, &["run/checkpoints"]);
    fs::write(folder.path().join("run/config.toml"), "recipe = 3").unwrap();
    refuse(folder.path(), "--resume run", 1, &["config.toml", "line 1"]);
}

#[test]
fn help_is_for_strangers() {
    let folder = folder();
    let help = succeed(folder.path(), "--help");
    for part in ["digits", "mnist", "--epochs", "--resume", "Ctrl-C", "Examples:", "runs/<recipe>-<time>"] {
        assert!(help.contains(part), "{part} is not in: {help}");
    }
    assert!(succeed(folder.path(), "mnist --help").contains("train-images-idx3-ubyte"));
}
