//! `cargo xtask parity`: PyTorch's numbers for the tests that compare with them, written by `xtask/parity/generate.py`.

use std::process::Command;

use crate::report::Failure;
use crate::{command, python};

pub(crate) fn run(options: python::Python) -> Result<(), Failure> {
    let metadata = command::metadata()?;
    let root = metadata.workspace_root.as_std_path();
    let script = root.join("xtask/parity/generate.py");
    if !script.is_file() {
        return Err(Failure::new(format!("{} is missing; restore it from the repository", script.display())));
    }
    let python = python::python(options, metadata.target_directory.as_std_path())?;
    command::run(Command::new(python).arg(script).arg("--out").arg(root), "its messages are above")
}
