//! What saving, loading and removing checkpoints promise, on the real file system.

use std::fs;
use std::path::{Path, PathBuf};

use gradus_trainer::checkpoint::codec::decode;
use gradus_trainer::checkpoint::{CheckpointError, Damage, load, load_newest, retain, save};
use serde::Deserialize;
use tempfile::{TempDir, tempdir};

const FILES: [(&str, &[u8]); 3] =
    [("model.safetensors", b"weights"), ("optimizer.safetensors", b""), ("state.bin", b"\0")];

/// A folder with a checkpoint of each of `steps`.
fn saved(steps: &[u64]) -> TempDir {
    let dir = tempdir().unwrap();
    for &step in steps {
        save(dir.path(), step, &FILES).unwrap();
    }
    dir
}

/// The names in a folder, in order.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn folder(dir: &TempDir, step: u64) -> PathBuf {
    dir.path().join(format!("step-{step:012}"))
}

#[test]
fn what_was_saved_is_loaded() {
    let dir = tempdir().unwrap();
    let checkpoints = dir.path().join("runs/digits/checkpoints");
    let path = save(&checkpoints, 100, &FILES).unwrap();
    assert_eq!(path, checkpoints.join("step-000000000100"));
    assert_eq!(names(&checkpoints), ["step-000000000100"]);
    assert_eq!(names(&path), ["manifest.json", "model.safetensors", "optimizer.safetensors", "state.bin"]);

    for loaded in [load_newest(&checkpoints).unwrap(), load(&path).unwrap()] {
        assert_eq!((loaded.step, &loaded.path, loaded.passed_over.len()), (100, &path, 0));
        let files: Vec<_> = loaded.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        assert_eq!(files, FILES);
    }
}

#[test]
fn files_longer_than_a_read_are_whole() {
    let dir = tempdir().unwrap();
    for length in [256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3 << 20] {
        let bytes: Vec<u8> = (0..length).map(|i| ((i * 31) >> 3) as u8).collect();
        save(dir.path(), length as u64, &[("model.safetensors", &bytes)]).unwrap();
        assert!(load_newest(dir.path()).unwrap().files["model.safetensors"] == bytes, "{length} bytes");
    }
}

#[test]
fn the_highest_step_that_is_whole_is_taken() {
    let dir = saved(&[9, 1000, 200, 3]);
    assert_eq!(load_newest(dir.path()).unwrap().step, 1000);

    fs::write(folder(&dir, 1000).join("state.bin"), "no").unwrap();
    fs::remove_file(folder(&dir, 200).join("manifest.json")).unwrap();
    let loaded = load_newest(dir.path()).unwrap();
    assert_eq!(loaded.step, 9);
    let [first, second] = &loaded.passed_over[..] else { panic!("{:?}", loaded.passed_over) };
    assert_eq!(first.to_string(), "step-000000001000: state.bin has 2 bytes instead of 1");
    assert!(second.to_string().starts_with("step-000000000200: cannot read the length of "), "{second}");
}

#[test]
fn none_and_only_damaged_ones_are_two_errors() {
    let dir = tempdir().unwrap();
    for empty in [dir.path().to_path_buf(), dir.path().join("missing")] {
        let error = load_newest(&empty).unwrap_err();
        assert!(matches!(error, CheckpointError::None { .. }));
        let words = format!("there is no checkpoint in {}; start the run anew", empty.display());
        assert!(error.to_string().starts_with(&words), "{error}");
    }

    let dir = saved(&[1, 2]);
    fs::write(folder(&dir, 1).join("state.bin"), "x").unwrap();
    fs::write(folder(&dir, 2).join("manifest.json"), "{}").unwrap();
    let error = load_newest(dir.path()).unwrap_err();
    assert!(matches!(&error, CheckpointError::NoneWhole { passed_over, .. } if passed_over.len() == 2));
    let words = format!(
        "none of the 2 checkpoints in {} can be loaded (step-000000000002: manifest.json does not match its own \
         checksum, so it was damaged or cut short; step-000000000001: state.bin does not match its checksum); \
         put back a copy of one, or start the run anew",
        dir.path().display()
    );
    assert_eq!(error.to_string(), words);
    assert!(load(&folder(&dir, 1)).unwrap_err().to_string().contains("state.bin does not match its checksum"));
}

#[test]
fn a_checkpoint_of_another_step_or_a_later_version_is_passed_over() {
    let dir = saved(&[1]);
    fs::rename(folder(&dir, 1), folder(&dir, 5)).unwrap();
    let error = load_newest(dir.path()).unwrap_err().to_string();
    assert!(error.contains("manifest.json is of step 1, the folder's name says 5"), "{error}");
    assert_eq!(load(&folder(&dir, 5)).unwrap().step, 1); // asked for by name, it is what it says it is

    save(dir.path(), 4, &FILES).unwrap();
    let body = r#"{"format_version":2,"step":5,"surprise":true}"#;
    let manifest = format!("{body}\n{:08x}\n", crc32c::crc32c(body.as_bytes()));
    fs::write(folder(&dir, 5).join("manifest.json"), manifest).unwrap();
    let loaded = load_newest(dir.path()).unwrap();
    assert_eq!(loaded.step, 4);
    assert!(matches!(loaded.passed_over[0].reason, Damage::NewerFormat { found: 2, supported: 1 }));
    let words = "step-000000000005: written by a newer Gradus, version 2; this one reads up to 1";
    assert_eq!(loaded.passed_over[0].to_string(), words);
}

#[test]
fn the_same_step_saved_again_is_kept_or_replaced() {
    let dir = saved(&[7]);
    let mark = folder(&dir, 7).join("mark");
    fs::write(&mark, "").unwrap();
    assert_eq!(save(dir.path(), 7, &FILES).unwrap(), folder(&dir, 7));
    assert!(mark.exists(), "a whole one with the same content is kept");

    let other: [(&str, &[u8]); 1] = [("state.bin", b"other")];
    for revision in 2..4 {
        let bytes = [revision];
        let content = [("state.bin", bytes.as_slice())];
        let path = save(dir.path(), 7, &content).unwrap();
        assert_eq!(names(dir.path()), [format!("step-000000000007-r{revision}")]);
        assert_eq!(load_newest(dir.path()).unwrap().files["state.bin"], bytes);
        assert_eq!(save(dir.path(), 7, &content).unwrap(), path);
    }

    let dir = saved(&[7]);
    fs::write(folder(&dir, 7).join("state.bin"), "x").unwrap();
    save(dir.path(), 7, &other).unwrap();
    assert_eq!(names(dir.path()), ["step-000000000007-r2"], "a damaged one is replaced");
    fs::write(dir.path().join("step-000000000007-r2/state.bin"), "").unwrap();
    save(dir.path(), 7, &other).unwrap();
    assert_eq!(load_newest(dir.path()).unwrap().files["state.bin"], b"other");
}

#[test]
fn the_same_step_with_other_files_or_bytes_of_the_same_checksum_is_replaced() {
    let dir = saved(&[7]);
    save(dir.path(), 7, &FILES[..2]).unwrap();
    assert_eq!(load_newest(dir.path()).unwrap().files.len(), 2);

    // The generator polynomial of CRC32C, in the order in which bits are read: no checksum sees it.
    let polynomial = ((0x82f6_3b78_u64 << 1) | 1).to_le_bytes();
    let (one, mut other) = (*b"weights!", *b"weights!");
    other.iter_mut().zip(polynomial).for_each(|(byte, flip)| *byte ^= flip);
    assert_eq!(crc32c::crc32c(&one), crc32c::crc32c(&other));
    for bytes in [one, other] {
        save(dir.path(), 8, &[("model.safetensors", &bytes)]).unwrap();
        assert_eq!(load_newest(dir.path()).unwrap().files["model.safetensors"], bytes);
    }
}

#[test]
fn half_written_folders_are_not_loaded_and_do_not_stay() {
    let dir = saved(&[1]);
    fs::rename(folder(&dir, 1), dir.path().join(".tmp-1-123-abc")).unwrap();
    assert!(matches!(load_newest(dir.path()), Err(CheckpointError::None { .. })));
    save(dir.path(), 2, &FILES).unwrap();
    assert_eq!(names(dir.path()), ["step-000000000002"]);
}

#[test]
fn the_oldest_beyond_keep_are_removed_and_never_the_newest_whole_one() {
    let dir = saved(&[1, 2, 3, 4, 5]);
    assert_eq!(retain(dir.path(), 6).unwrap(), [] as [PathBuf; 0]);
    assert_eq!(retain(dir.path(), 3).unwrap(), [folder(&dir, 2), folder(&dir, 1)]);
    assert_eq!(names(dir.path()), ["step-000000000003", "step-000000000004", "step-000000000005"]);

    for step in [4, 5] {
        fs::write(folder(&dir, step).join("state.bin"), "").unwrap();
    }
    assert_eq!(retain(dir.path(), 1).unwrap(), [] as [PathBuf; 0], "3 is the newest whole one");
    fs::write(folder(&dir, 3).join("state.bin"), "").unwrap();
    assert_eq!(retain(dir.path(), 1).unwrap(), [] as [PathBuf; 0], "none is whole, so none is removed");

    save(dir.path(), 6, &FILES).unwrap();
    assert_eq!(retain(dir.path(), 1).unwrap().len(), 3);
    assert_eq!(names(dir.path()), ["step-000000000006"]);
    assert!(matches!(retain(dir.path(), 0), Err(CheckpointError::KeepNone)));
    assert_eq!(retain(&dir.path().join("missing"), 1).unwrap(), [] as [PathBuf; 0]);
}

#[test]
fn names_that_are_no_plain_file_names_are_refused_before_anything_is_written() {
    let dir = tempdir().unwrap();
    let long = "n".repeat(256);
    for name in ["", ".", "..", "a/b", "../b", "/etc/passwd", "a\\b", ".hidden", "a b", "manifest.json", &long] {
        let error = save(dir.path(), 1, &[(name, b"")]).unwrap_err();
        assert!(matches!(error, CheckpointError::FileName { .. }), "{name}: {error}");
    }
    let twice = save(dir.path(), 1, &[("a", b""), ("A", b"")]).unwrap_err().to_string();
    assert!(twice.starts_with("a checkpoint cannot hold a file named \"A\": there are two of that name"), "{twice}");

    let many: Vec<_> = (0..20_000).map(|i| format!("file-with-a-long-name-{i}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), [].as_slice())).collect();
    assert!(matches!(save(dir.path(), 1, &many), Err(CheckpointError::TooManyFiles { files: 20_000, .. })));
    assert_eq!(names(dir.path()), [] as [&str; 0]);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    for (place, words) in [("file", "cannot list the folder"), ("file/checkpoints", "cannot create the folder")] {
        let place = dir.path().join(place);
        let error = save(&place, 12, &FILES).unwrap_err().to_string();
        let words = format!(
            "the checkpoint of step 12 was not saved, earlier ones are untouched: {words} {}: ",
            place.display()
        );
        assert!(error.starts_with(&words) && error.ends_with("; choose another path"), "{error}");
    }
}

/// A pipe would be waited on for ever, a device read without end.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_never_opened() {
    let dir = saved(&[1]);
    for target in ["/dev/zero", "/dev/stdin", "model.safetensors"] {
        for name in ["state.bin", "manifest.json"] {
            let copy = saved(&[1]);
            let file = folder(&copy, 1).join(name);
            fs::remove_file(&file).unwrap();
            std::os::unix::fs::symlink(target, &file).unwrap();
            let error = load_newest(copy.path()).unwrap_err().to_string();
            assert!(error.contains("it is not a regular file"), "{name} -> {target}: {error}");
        }
    }
    let file = folder(&dir, 1).join("state.bin");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(load_newest(dir.path()).is_err());
}

/// A file of a terabyte that takes no space on the disk must not take memory either.
#[cfg(target_os = "linux")]
#[test]
fn a_file_much_longer_than_the_manifest_says_takes_no_memory() {
    let dir = saved(&[1]);
    for name in ["state.bin", "manifest.json"] {
        let file = fs::OpenOptions::new().write(true).open(folder(&dir, 1).join(name)).unwrap();
        file.set_len(1 << 40).unwrap();
        let error = load_newest(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("{name} has 1099511627776 bytes")), "{error}");
    }
}

/// The state in the golden checkpoint: never change it, add a new golden folder instead.
#[derive(Debug, PartialEq, Deserialize)]
struct GoldenState {
    epoch: u64,
    batch: u64,
    best: Option<f64>,
    streams: Vec<(String, u128)>,
}

#[test]
fn the_checkpoint_of_format_version_1_loads_for_ever() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/checkpoint-v1");
    let loaded = load_newest(&golden).unwrap();
    assert_eq!((loaded.step, loaded.passed_over.len()), (42, 0));
    assert_eq!(loaded.files.keys().collect::<Vec<_>>(), ["model.safetensors", "optimizer.safetensors", "state.bin"]);
    let (header, data) = loaded.files["model.safetensors"][8..].split_at(64);
    assert_eq!(header.trim_ascii_end(), br#"{"weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#);
    assert_eq!(data, [1.0f32.to_le_bytes(), (-2.0f32).to_le_bytes()].as_flattened());
    assert_eq!(loaded.files["optimizer.safetensors"], b"");
    let state: GoldenState = decode(&loaded.files["state.bin"], "the golden state").unwrap();
    let streams = vec![("dropout".to_string(), 1 << 100)];
    assert_eq!(state, GoldenState { epoch: 3, batch: 17, best: Some(0.125), streams });
}
