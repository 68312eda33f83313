//! `cargo xtask bench`: criterion's benches of the backward pass and the optimizer step.

use std::ffi::OsString;

use crate::command::{cargo, run as run_command};
use crate::report::Failure;

/// Targets by name: `--benches` would also start targets without criterion, which know none of its options.
const TARGETS: [&str; 8] = ["bench", "--package", "gradus-benches", "--bench", "backward", "--bench", "step", "--"];

pub(crate) fn run(filter: Option<&OsString>, options: &[OsString]) -> Result<(), Failure> {
    run_command(cargo().args(TARGETS).args(filter).args(options), "its messages are above")
}
