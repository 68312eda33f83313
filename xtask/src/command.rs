//! Running other programs, cargo first of all.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::report::Failure;

/// The cargo that runs xtask.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs `command` to its end with our own input and output; `cure` says what to do when it fails.
pub(crate) fn run(command: &mut Command, cure: &str) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`{}` failed ({status}); {cure}", line(command)))),
        Err(error) => Err(not_started(command, &error)),
    }
}

/// Runs `command` quietly and gives its standard output, or `None` where it does not succeed.
pub(crate) fn output(command: &mut Command) -> Result<Option<String>, Failure> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!(
        "cannot start `{}`: {error}; check that it is installed and on the PATH",
        command.get_program().to_string_lossy()
    ))
}

/// `command` as one would type it, with the program's name instead of its path.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(program.as_os_str());
    let words: Vec<_> = [program].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// The workspace around the current folder: its packages and the edges as declared, without resolving versions, so that
/// this takes no network and leaves Cargo.lock alone.
pub(crate) fn metadata() -> Result<Metadata, Failure> {
    MetadataCommand::new().no_deps().exec().map_err(|error| {
        let reason = match &error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().trim_start_matches("error: ").to_owned(),
            other => other.to_string(),
        };
        Failure::new(format!("cannot read the workspace: {reason}; run inside the Gradus checkout"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_told_with_its_name_code_and_cure() {
        let failure =
            run(cargo().arg("no-such-command").stderr(std::process::Stdio::null()), "try another").unwrap_err();
        let failure = failure.to_string();
        assert!(failure.starts_with("`cargo no-such-command` failed (exit "), "{failure}");
        assert!(failure.ends_with("101); try another"), "{failure}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = run(&mut Command::new("no-such-program"), "").unwrap_err().to_string();
        assert!(failure.starts_with("cannot start `no-such-program`: "), "{failure}");
    }
}
