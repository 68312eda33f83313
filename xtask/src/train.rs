//! `cargo xtask train`: builds the recipe program and becomes it.

use std::ffi::OsString;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use crate::command::{cargo, line, not_started};
use crate::report::Failure;

/// The example of gradus-trainer that knows all recipes.
const PROGRAM: &str = "train";

const BUILD: [&str; 9] = [
    "build",
    "--release",
    "--package",
    "gradus-trainer",
    "--example",
    PROGRAM,
    "--features",
    "recipes",
    // Names the program on standard output, wherever the target folder is; everything for people stays on stderr.
    "--message-format=json-render-diagnostics",
];

pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let program = build()?;
    become_program(Command::new(&program).args(arguments), &program)
}

fn build() -> Result<PathBuf, Failure> {
    let mut command = cargo();
    let mut child =
        command.args(BUILD).stdout(Stdio::piped()).spawn().map_err(|error| not_started(&command, &error))?;
    let program = child.stdout.take().and_then(program_in);
    let status = child.wait().map_err(|error| not_started(&command, &error))?;
    if !status.success() {
        return Err(Failure::new("the recipes do not build; cargo says why above"));
    }
    program.ok_or_else(|| Failure::new(format!("`{}` names no program; run it by hand", line(&command))))
}

/// The recipe program's path in cargo's messages. Reads to the end, or cargo would stall on a full pipe.
fn program_in(messages: impl Read) -> Option<PathBuf> {
    Message::parse_stream(BufReader::new(messages))
        .filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact))
                if artifact.target.is_example() && artifact.target.name == PROGRAM =>
            {
                artifact.executable
            }
            _ => None,
        })
        .last()
        .map(Into::into)
}

/// On unix the recipe takes this process's place, so that Ctrl-C reaches it alone and its exit code is ours.
#[cfg(unix)]
fn become_program(command: &mut Command, program: &Path) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    Err(cannot_run(program, &command.exec()))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command, program: &Path) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_run(program, &error))?;
    std::process::exit(status.code().unwrap_or(1))
}

fn cannot_run(program: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run {}: {error}; delete it and try again", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cargo prints when it has built `kind` `name`.
    fn artifact(kind: &str, name: &str, executable: &str) -> String {
        let target = format!(
            r#"{{"kind":["{kind}"],"crate_types":["bin"],"name":"{name}","src_path":"/a.rs","edition":"2024",
            "doc":false,"doctest":false,"test":false}}"#
        );
        let profile =
            r#"{"opt_level":"3","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false}"#;
        let message = format!(
            r#"{{"reason":"compiler-artifact","package_id":"path+file:///a#0.1.0","manifest_path":"/a/Cargo.toml",
            "target":{target},"profile":{profile},"features":[],"filenames":["{executable}"],
            "executable":"{executable}","fresh":true}}"#
        );
        message.replace('\n', " ") + "\n"
    }

    #[track_caller]
    fn check(messages: &str, expected: Option<&str>) {
        assert_eq!(program_in(messages.as_bytes()), expected.map(PathBuf::from));
    }

    #[test]
    fn the_program_is_the_example_named_train() {
        check(&artifact("example", "train", "/t/train"), Some("/t/train"));
        check(&(artifact("example", "train", "/t/train") + &artifact("example", "x", "/t/x")), Some("/t/train"));
        check(&artifact("bin", "train", "/t/train"), None);
        check(&("not json\n".to_owned() + &artifact("example", "train", "/t/train")), Some("/t/train"));
        check("", None);
    }
}
