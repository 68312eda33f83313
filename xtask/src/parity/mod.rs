//! `cargo xtask parity`: PyTorch's numbers for the tests that compare with them, written by `xtask/parity/generate.py`,
//! and what the tests have shown, written to docs/parity.md and docs/optimizers.md.

mod names;
mod optimizers;
mod report;

use std::process::Command;

use clap::Args;

use crate::report::Failure;
use crate::{command, python};

/// What to write.
#[derive(Clone, Debug, Args)]
pub(crate) struct Parity {
    #[command(flatten)]
    python: python::Python,
    /// Write only fixtures whose path contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Write docs/parity.md and docs/optimizers.md from the fixtures there are: run the comparison and list what it
    /// shows; needs no Python
    #[arg(long, conflicts_with_all = ["only", "python"])]
    report: bool,
}

pub(crate) fn run(options: Parity) -> Result<(), Failure> {
    let metadata = command::metadata()?;
    let root = metadata.workspace_root.as_std_path();
    if options.report {
        return report::write(root, metadata.target_directory.as_std_path());
    }
    let script = root.join("xtask/parity/generate.py");
    if !script.is_file() {
        return Err(Failure::new(format!("{} is missing; restore it from the repository", script.display())));
    }
    let python = python::python(options.python, metadata.target_directory.as_std_path())?;
    let mut generate = Command::new(python);
    generate.arg(script).arg("--out").arg(root).args(["--only", &options.only]);
    command::run(&mut generate, "its messages are above")
}
