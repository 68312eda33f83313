//! The columns of `cargo xtask bench compare --peers`: candle and burn.
//!
//! Their program is no member of the workspace, so that nobody builds these libraries who does not ask for them.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{cargo, output, run};
use crate::report::Failure;

/// The libraries, as the program and Cargo.lock name them, with the crate whose version counts.
pub(super) const SYSTEMS: [(&str, &str); 2] = [("candle", "candle-core"), ("burn", "burn")];

/// What tells these libraries how many threads to take.
pub(super) const THREADS: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

/// Builds the program in a folder of its own below `target` and gives its path.
pub(super) fn build(root: &Path, target: &Path) -> Result<PathBuf, Failure> {
    let target = target.join("peers");
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--manifest-path"]).arg(root.join("benches/peers/Cargo.toml"));
    run(command.arg("--target-dir").arg(&target), "cargo says why above")?;
    Ok(target.join("release").join(format!("gradus-peers{EXE_SUFFIX}")))
}

/// The workloads that `program` has for `system`.
pub(super) fn workloads(program: &Path, system: &str) -> Result<Vec<String>, Failure> {
    let list = output(Command::new(program).args(["--system", system, "--list"]))?;
    let list = list.ok_or_else(|| Failure::new(format!("{} --list fails; run it by hand", program.display())))?;
    Ok(list.lines().map(str::to_owned).collect())
}

/// What a reader of the table must know of these columns.
pub(super) fn note(root: &Path) -> Result<String, Failure> {
    let file = root.join("benches/peers/Cargo.lock");
    let lock = fs::read_to_string(&file)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}; check it out again", file.display())))?;
    let versions = SYSTEMS.map(|(system, package)| format!("{system} {}", version(&lock, package)));
    Ok(format!(
        "{} (its Flex backend) on the CPU, both in pure Rust.\n\
         They run the training steps only; a mean is over what its column runs. Neither has Adadelta, so `mnist_cnn`\n\
         trains with Adam there, and candle's SGD in `resnet20` has neither momentum nor weight decay.",
        versions.join(" and ")
    ))
}

/// The version of `package` in a Cargo.lock.
fn version<'a>(lock: &'a str, package: &str) -> &'a str {
    let head = format!("name = \"{package}\"\nversion = \"");
    lock.split_once(&head).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("of unknown version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock() {
        let package = |name, version| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        let lock = &(package("burn-nn", "1.0.0") + &package("burn", "0.2.1"));
        assert_eq!(version(lock, "burn"), "0.2.1");
        assert_eq!(version(lock, "candle-core"), "of unknown version");
    }

    #[test]
    fn the_note_names_the_versions_in_the_lock_of_the_peers() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let note = note(root).unwrap();
        assert!(note.starts_with("candle 0.") && !note.contains("unknown"), "{note}");
    }
}
