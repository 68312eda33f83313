//! A fault at every single file operation of a save and of a removal: what was there before is always still there.
//!
//! The method is SQLite's: let operation 1 fail, then 2, and so on until a save gets through without meeting the fault;
//! each once and for ever, which also stands for a process that dies at that operation and cleans nothing up.

mod checkpoint_faulty;
mod checkpoint_memory;

use std::collections::BTreeMap;
use std::path::Path;

use checkpoint_faulty::{FAULTS, Fault, Faulty};
use checkpoint_memory::Memory;
use gradus_trainer::Operation;
use gradus_trainer::checkpoint::{CheckpointError, FileSystem, load_newest_with, load_with, retain_with, save_with};

type Files<'a> = &'a [(&'a str, &'a [u8])];

const OLD: Files<'static> = &[("model.safetensors", b"old weights"), ("state.bin", b"old")];
const NEW: Files<'static> = &[("model.safetensors", b"new weights, longer"), ("state.bin", b"new")];
const NEXT: Files<'static> = &[("model.safetensors", b"next")];

fn is(found: &BTreeMap<String, Vec<u8>>, files: Files<'_>) -> bool {
    found.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).eq(files.iter().copied())
}

fn folder() -> &'static Path {
    Path::new("/run/checkpoints")
}

/// Saves NEW as step 2 over what `before` says (step and content), under every fault at every operation.
/// Returns the number of runs.
fn check(before: &[(u64, Files<'_>)]) -> usize {
    let mut runs = 0;
    for fault in FAULTS {
        for for_ever in [false, true] {
            let mut at = 0;
            while check_one(before, at, fault, for_ever) {
                at += 1;
            }
            assert!(at > 10, "a save has more operations than {at}");
            runs += at;
        }
    }
    runs
}

/// False if the save got through with operations to spare.
fn check_one(before: &[(u64, Files<'_>)], at: usize, fault: Fault, for_ever: bool) -> bool {
    let case = format!("{fault:?} at operation {at}, for ever: {for_ever}");
    let memory = Memory::default();
    let mut olds = Vec::new();
    for &(step, files) in before {
        olds.push((save_with(&memory, folder(), step, files).unwrap(), files));
        memory.put(&folder().join(".tmp-1-2-3"), b""); // left by an interrupted save
    }

    let system = Faulty::new(&memory, at, fault, for_ever);
    let result = save_with(&system, folder(), 2, NEW);
    let struck = system.struck();
    let newest = load_newest_with(&memory, folder());
    match &result {
        Ok(path) => {
            assert!(is(&load_with(&memory, path).unwrap().files, NEW), "{case}");
            assert!(is(&newest.unwrap().files, NEW), "{case}");
        }
        Err(error) => {
            let words = error.to_string();
            let beginning = "the checkpoint of step 2 was not saved, earlier ones are untouched: ";
            let named = struck.iter().any(|operation| words.contains(&format!("cannot {operation} /")));
            let named = named || matches!(error, CheckpointError::ReadBack { .. });
            assert!(words.starts_with(beginning) && named, "{case}: {words}, after {struck:?}");
            assert!(for_ever || fault != Fault::Interrupted, "{case}: it is to be tried again");
            let left = memory.list(folder()).unwrap_or_default().iter().any(|name| name.starts_with(".tmp-2-"));
            assert!(for_ever || !left, "{case}: what was written is still there");
            for (path, files) in &olds {
                assert!(is(&load_with(&memory, path).unwrap().files, files), "{case}: an earlier one is gone");
            }
            match (newest, before.last()) {
                // A save that fails after the renaming may leave the new one, whole.
                (Ok(newest), _) if newest.step == 2 && is(&newest.files, NEW) => {}
                (Ok(newest), Some((step, files))) => {
                    assert!(newest.step == *step && is(&newest.files, files), "{case}");
                }
                (Err(CheckpointError::None { .. }), None) => {}
                (newest, _) => panic!("{case}: {newest:?}"),
            }
        }
    }
    // Once the fault is gone, the next save works and cleans up.
    save_with(&memory, folder(), 3, NEXT).unwrap();
    assert!(is(&load_newest_with(&memory, folder()).unwrap().files, NEXT), "{case}");
    assert!(memory.list(folder()).unwrap().iter().all(|name| !name.starts_with(".tmp-")), "{case}");
    at < system.operations().len()
}

#[test]
fn a_fault_at_every_operation_of_a_save_leaves_the_one_before() {
    let runs = check(&[(1, OLD)]) + check(&[(0, OLD), (1, OLD)]);
    assert!(runs > 480, "{runs} runs are fewer than were meant");
}

#[test]
fn a_fault_in_the_very_first_save_leaves_none_or_a_whole_one() {
    check(&[]);
}

#[test]
fn a_fault_in_saving_a_step_again_leaves_the_old_or_the_new() {
    check(&[(1, OLD), (2, OLD)]);
}

#[test]
fn a_fault_in_saving_the_same_content_again_leaves_it() {
    check(&[(2, NEW)]);
}

/// No fault shows a flush that is missing, only a power loss does. So here is the protocol, word for word.
#[test]
fn everything_is_flushed_before_it_has_a_name() {
    let memory = Memory::default();
    let system = Faulty::new(&memory, usize::MAX, Fault::Io, false);
    save_with(&system, folder(), 2, NEW).unwrap();

    let plain = |name: &str| if name.starts_with(".tmp-2-") { "temporary" } else { name }.to_string();
    let told: Vec<_> = system.operations().iter().map(|(what, name)| (*what, plain(name))).collect();
    let told: Vec<_> = told.iter().map(|(what, name)| (*what, name.as_str())).collect();
    let (before, told) = told.split_at(told.iter().position(|(_, name)| *name == "temporary").unwrap());
    let folders = [
        (Operation::CreateFolder, "checkpoints"), // there is nothing to make it in
        (Operation::CreateFolder, "run"),
        (Operation::SyncFolder, ""),
        (Operation::CreateFolder, "checkpoints"),
        (Operation::SyncFolder, "run"),
        (Operation::List, "checkpoints"),
        (Operation::List, "checkpoints"),
    ];
    assert_eq!(before, folders);
    let file = |name| [(Operation::CreateFile, name), (Operation::Write, name), (Operation::Sync, name)];
    let protocol = [
        [(Operation::CreateFolder, "temporary")].as_slice(),
        &file("model.safetensors"),
        &file("state.bin"),
        &file("manifest.json"),
        &[
            (Operation::SyncFolder, "temporary"),
            (Operation::Rename, "temporary"),
            (Operation::SyncFolder, "checkpoints"),
        ],
    ]
    .concat();
    let (written, read) = told.split_at(protocol.len());
    assert_eq!(written, protocol);
    let reading = [Operation::Measure, Operation::Open, Operation::Read];
    assert!(read.iter().all(|(what, _)| reading.contains(what)));
    for name in ["model.safetensors", "state.bin", "manifest.json"] {
        assert!(read.contains(&(Operation::Read, name)), "{name} is not read back");
    }
}

#[test]
fn a_write_that_was_lost_is_found_by_reading_back() {
    let mut found = 0;
    for at in 0..40 {
        let memory = Memory::default();
        let system = Faulty::new(&memory, at, Fault::LostWrite, false);
        match save_with(&system, folder(), 1, NEW) {
            Ok(_) => assert!(system.struck().is_empty()),
            Err(CheckpointError::ReadBack { step: 1, path, .. }) => {
                assert!(!memory.exists(&path), "what does not read back is removed");
                found += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(found, 3, "two files and the manifest");
}

#[test]
fn a_fault_at_every_operation_of_a_removal_leaves_the_newest() {
    for for_ever in [false, true] {
        for at in 0.. {
            let memory = Memory::default();
            for step in 1..=4 {
                save_with(&memory, folder(), step, if step == 4 { NEW } else { OLD }).unwrap();
            }
            let system = Faulty::new(&memory, at, Fault::Io, for_ever);
            let result = retain_with(&system, folder(), 2);
            let newest = load_newest_with(&memory, folder()).unwrap();
            assert!(newest.step == 4 && is(&newest.files, NEW), "operation {at}, for ever: {for_ever}");
            if let Err(error) = result {
                let named = format!("cannot {} /", system.struck().last().unwrap());
                assert!(error.to_string().starts_with(&named), "{error}");
            }
            if system.struck().is_empty() {
                break;
            }
        }
    }
}

#[test]
fn a_fault_in_loading_is_told_and_an_older_one_taken() {
    let memory = Memory::default();
    save_with(&memory, folder(), 1, OLD).unwrap();
    save_with(&memory, folder(), 2, NEW).unwrap();
    for at in 1.. {
        let system = Faulty::new(&memory, at, Fault::Io, false);
        let loaded = load_newest_with(&system, folder()).unwrap();
        let Some(operation) = system.struck().pop() else { break };
        assert!(loaded.step == 1 && is(&loaded.files, OLD), "operation {at}");
        let told = loaded.passed_over[0].to_string();
        assert!(told.starts_with(&format!("step-000000000002: cannot {operation} /")), "{told}");
    }
    let system = Faulty::new(&memory, 0, Fault::Io, false);
    let listing = load_newest_with(&system, folder()).unwrap_err().to_string();
    assert!(listing.starts_with("cannot list the folder /run/checkpoints: "), "{listing}");
}
