//! Programs of the workspace that xtask builds optimised and starts.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use crate::command::{cargo, line, not_started};
use crate::report::Failure;

/// A program: how cargo is told to build it, and its name.
pub(crate) struct Program {
    name: &'static str,
    selection: &'static [&'static str],
}

/// The example of gradus-trainer that knows all recipes.
pub(crate) const RECIPES: Program = Program {
    name: "train",
    selection: &["--package", "gradus-trainer", "--example", "train", "--features", "recipes"],
};

/// The same with the trackers that send to a server, whose encryption takes long to build.
pub(crate) const RECIPES_REMOTE: Program = Program {
    name: "train",
    selection: &["--package", "gradus-trainer", "--example", "train", "--features", "recipes,remote"],
};

/// The example that makes a Comet archive.
pub(crate) const COMET_ARCHIVE: Program =
    Program { name: "comet_archive", selection: &["--package", "gradus-trainer", "--example", "comet_archive"] };

/// The suite of measurements.
pub(crate) const SUITE: Program =
    Program { name: "suite", selection: &["--package", "gradus-benches", "--bin", "suite"] };

/// The kernels against what the machine can do.
pub(crate) const ROOFLINE: Program =
    Program { name: "roofline", selection: &["--package", "gradus-benches", "--bin", "roofline"] };

impl Program {
    /// Builds the program and gives its path.
    pub(crate) fn build(&self) -> Result<PathBuf, Failure> {
        let mut command = cargo();
        // The messages name the program on standard output, wherever the target folder is; everything for people stays
        // on stderr.
        command.args(["build", "--release", "--message-format=json-render-diagnostics"]).args(self.selection);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(&command, &error))?;
        let program = child.stdout.take().and_then(|messages| self.path_in(messages));
        let status = child.wait().map_err(|error| not_started(&command, &error))?;
        if !status.success() {
            return Err(Failure::new(format!("the program `{}` does not build; cargo says why above", self.name)));
        }
        program.ok_or_else(|| Failure::new(format!("`{}` names no program; run it by hand", line(&command))))
    }

    /// The program's path in cargo's messages. Reads to the end, or cargo would stall on a full pipe.
    fn path_in(&self, messages: impl Read) -> Option<PathBuf> {
        Message::parse_stream(BufReader::new(messages))
            .filter_map(|message| match message {
                Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == self.name => artifact.executable,
                _ => None,
            })
            .last()
            .map(Into::into)
    }
}

/// On unix the program takes this process's place, so that Ctrl-C reaches it alone and its exit code is ours.
#[cfg(unix)]
pub(crate) fn become_program(command: &mut Command, program: &Path) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    Err(cannot_run(program, &command.exec()))
}

#[cfg(not(unix))]
pub(crate) fn become_program(command: &mut Command, program: &Path) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_run(program, &error))?;
    std::process::exit(status.code().unwrap_or(1))
}

fn cannot_run(program: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run {}: {error}; delete it and try again", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cargo prints when it has built `name`; a library has no executable.
    fn artifact(name: &str, executable: Option<&str>) -> String {
        let executable = executable.map_or("null".to_owned(), |path| format!("\"{path}\""));
        let target = format!(
            r#"{{"kind":["bin"],"crate_types":["bin"],"name":"{name}","src_path":"/a.rs","edition":"2024",
            "doc":false,"doctest":false,"test":false}}"#
        );
        let profile =
            r#"{"opt_level":"3","debuginfo":0,"debug_assertions":false,"overflow_checks":false,"test":false}"#;
        let message = format!(
            r#"{{"reason":"compiler-artifact","package_id":"path+file:///a#0.1.0","manifest_path":"/a/Cargo.toml",
            "target":{target},"profile":{profile},"features":[],"filenames":[],
            "executable":{executable},"fresh":true}}"#
        );
        message.replace('\n', " ") + "\n"
    }

    #[track_caller]
    fn check(messages: &str, expected: Option<&str>) {
        assert_eq!(RECIPES.path_in(messages.as_bytes()), expected.map(PathBuf::from));
    }

    #[test]
    fn the_program_is_the_one_of_that_name() {
        let program = artifact("train", Some("/t/train"));
        check(&program, Some("/t/train"));
        check(&(program.clone() + &artifact("x", Some("/t/x"))), Some("/t/train"));
        check(&artifact("train", None), None);
        check(&("not json\n".to_owned() + &program), Some("/t/train"));
        check("", None);
    }
}
