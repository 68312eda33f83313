//! `cargo xtask train` and `comet-archive`: build a program and become it.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{COMET_ARCHIVE, RECIPES, RECIPES_REMOTE, become_program};
use crate::report::Failure;

pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let arguments: Vec<OsString> = arguments.collect();
    let program = if is_remote(&arguments) { RECIPES_REMOTE } else { RECIPES }.build()?;
    become_program(Command::new(&program).args(arguments), &program)
}

pub(crate) fn comet_archive(run: &Path) -> Result<(), Failure> {
    let program = COMET_ARCHIVE.build()?;
    become_program(Command::new(&program).arg(run), &program)
}

/// Whether a tracker is asked for that sends to a server, now or when the run to be resumed was started.
fn is_remote(arguments: &[OsString]) -> bool {
    let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let value = |option: &str| {
        let after = words.iter().position(|word| word == option).and_then(|at| words.get(at + 1));
        after.map(|word| &**word).or_else(|| words.iter().find_map(|word| word.strip_prefix(option)?.strip_prefix('=')))
    };
    let remote = |name: &str| matches!(name.trim_matches([' ', '"', '[', ']']), "comet" | "mlflow");
    let asked = value("--tracker").is_some_and(|names| names.split(',').any(remote));
    let config = value("--resume").and_then(|run| fs::read_to_string(Path::new(run).join("config.toml")).ok());
    let kept = config.unwrap_or_default();
    let kept = kept.lines().find_map(|line| line.strip_prefix("trackers = "));
    asked || kept.is_some_and(|names| names.split(',').any(remote))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sends_to_a_server_is_built_where_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().to_str().unwrap();
        let check = |arguments: &str, expected: bool| {
            let arguments: Vec<OsString> = arguments.split_whitespace().map(Into::into).collect();
            assert_eq!(is_remote(&arguments), expected, "{arguments:?}");
        };
        check("", false);
        check("digits --epochs 3 --tracker tensorboard,comet-offline", false);
        check("digits --tracker tensorboard,comet --epochs 3", true);
        check("--tracker=mlflow", true);
        check("--tracker", false);
        check(&format!("--resume {run}"), false);
        fs::write(folder.path().join("config.toml"), "lr = 1\ntrackers = [\"comet-offline\"]\n").unwrap();
        check(&format!("--resume {run}"), false);
        fs::write(folder.path().join("config.toml"), "lr = 1\ntrackers = [\"tensorboard\", \"mlflow\"]\n").unwrap();
        check(&format!("--resume={run}"), true);
    }
}
