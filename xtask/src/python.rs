//! A Python that has what our scripts import: the caller's, or one in a virtual environment of ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::command;
use crate::report::{Failure, say};

/// What the scripts import.
const MODULES: [&str; 2] = ["torch", "numpy"];
/// What the tests of trackers compare with.
const TRACKER_MODULES: [&str; 3] = ["tensorboard", "comet_ml", "jsonschema"];

/// Which Python runs the scripts.
#[derive(Clone, Debug, Args)]
pub(crate) struct Python {
    #[arg(long, value_name = "PROGRAM", help = help())]
    python: Option<PathBuf>,
}

fn help() -> String {
    let modules = MODULES.join(" and ");
    format!("The Python to use as it is; it must have {modules}. Without it, one is made in target/parity-venv")
}

/// Prints those of its arguments that cannot be imported.
const PROBE: &str = "
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        print(name)
";

/// The Python of `options` if it has the modules; without one, that of the environment in `target`, made and filled as
/// far as it is not yet.
pub(crate) fn python(options: Python, target: &Path) -> Result<PathBuf, Failure> {
    match options.python {
        Some(python) => checked(python),
        None => environment(&target.join("parity-venv")),
    }
}

/// `python`, if it has what the script needs.
fn checked(python: PathBuf) -> Result<PathBuf, Failure> {
    require(&python, &MODULES, ", or leave --python out to have an environment made")?;
    Ok(python)
}

/// `python` by its whole path, if it has what tests of trackers compare with.
pub(crate) fn with_tracker_modules(python: &Path) -> Result<PathBuf, Failure> {
    require(python, &TRACKER_MODULES, ", or leave --with-python out")?;
    // A bare name is found on the PATH from anywhere; a link in a virtual environment must stay the link that it is.
    let bare = python.components().count() == 1;
    Ok(if bare { python.to_owned() } else { std::path::absolute(python).unwrap_or_else(|_| python.to_owned()) })
}

fn require(python: &Path, modules: &[&str], otherwise: &str) -> Result<(), Failure> {
    let missing = missing_modules(python, modules)?;
    if missing.is_empty() {
        return Ok(());
    }
    let name = python.display();
    Err(Failure::new(format!(
        "{name} lacks {}; run `{name} -m pip install {}`{otherwise}",
        missing.join(", "),
        missing.join(" ")
    )))
}

/// The Python of the virtual environment at `folder`, made and filled as far as it is not yet.
fn environment(folder: &Path) -> Result<PathBuf, Failure> {
    let (system, inside) = if cfg!(windows) { ("python", "Scripts/python.exe") } else { ("python3", "bin/python") };
    let python = folder.join(inside);
    if !python.exists() {
        say(format_args!("Making a virtual environment in {}", folder.display()));
        let cure = "install Python 3 with its venv module, or name a Python with --python";
        command::run(Command::new(system).args(["-m", "venv"]).arg(folder), cure)?;
    }
    let missing = missing_modules(&python, &MODULES)?;
    if !missing.is_empty() {
        say(format_args!("Installing {} there", missing.join(", ")));
        let cure = "check the network, or name a Python that has these modules with --python";
        command::run(Command::new(&python).args(["-m", "pip", "install"]).args(&missing), cure)?;
    }
    Ok(python)
}

/// Those of `modules` that `python` cannot import.
fn missing_modules(python: &Path, modules: &[&str]) -> Result<Vec<String>, Failure> {
    let found = command::output(Command::new(python).args(["-c", PROBE]).args(modules))?;
    let Some(found) = found else {
        return Err(Failure::new(format!("{} is not a working Python 3; name one with --python", python.display())));
    };
    Ok(found.lines().map(str::to_owned).collect())
}
