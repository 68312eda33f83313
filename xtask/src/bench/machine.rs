//! The machine of a measurement, in one sentence.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use crate::command;

/// Processor, threads, system, rustc, torch and date.
pub(crate) fn describe(python: &Path, threads: usize) -> String {
    let cores = available_parallelism().map_or_else(|_| "unknown".to_owned(), |cores| cores.to_string());
    let torch = said(Command::new(python).args(["-c", "import torch; print(torch.__version__)"]));
    let rustc = said(Command::new("rustc").arg("--version"));
    let system = said(Command::new("uname").args(["-sr"]));
    let date = said(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    format!("{date}, {}, {cores} cores, {threads} threads for each, {system}, {rustc}, PyTorch {torch}.", processor())
}

/// The first line that `command` prints, or that it did not.
fn said(command: &mut Command) -> String {
    let output = command::output(command).ok().flatten();
    output.and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_else(|| "unknown".to_owned())
}

/// The processor's name as Linux gives it, elsewhere the architecture.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |name| name.trim_start_matches([' ', '\t', ':']).to_owned())
}
