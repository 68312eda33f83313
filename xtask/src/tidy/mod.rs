//! `cargo xtask tidy`: the house rules that no compiler checks, all violations at once.
//!
//! Each rule is a function from inputs to violations; only this file and `tree` read the disk.

use std::fmt;
use std::path::Path;

use cargo_metadata::Metadata;

use crate::command;
use crate::report::{Failure, say};
use source::Source;

mod docs;
mod files;
mod layers;
mod lengths;
mod source;
mod tree;
mod unsafety;

/// A line that breaks a rule. The path is relative to the repository root, with `/` on every system.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    message: String,
}

impl Violation {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Where Rust sources live.
const SOURCE_FOLDERS: [&str; 3] = ["crates", "xtask", "benches"];

pub(crate) fn run() -> Result<(), Failure> {
    let violations = check(&command::metadata()?)?;
    for violation in &violations {
        say(violation);
    }
    match violations.len() {
        0 => Ok(()),
        1 => Err(Failure::new("one line breaks a house rule; it is named above with what to do")),
        many => Err(Failure::new(format!("{many} lines break house rules; they are named above with what to do"))),
    }
}

/// Every violation in the workspace, by path and line.
fn check(metadata: &Metadata) -> Result<Vec<Violation>, Failure> {
    let root = metadata.workspace_root.as_std_path();
    let mut found = layers::check(layers::TABLE, &layers::packages(metadata)?);
    for file in tree::walk(root, &SOURCE_FOLDERS, "rs")? {
        let source = Source::new(file.path, file.text);
        found.extend(files::check(&source));
        found.extend(lengths::check(&source));
        found.extend(unsafety::check(&source));
    }
    let manifests = tree::walk(root, &SOURCE_FOLDERS, "toml")?;
    for file in manifests.iter().chain(&tree::read_if_there(root, &["Cargo.toml", ".cargo/config.toml"])?) {
        found.extend(files::check_manifest(&file.path, &file.text));
    }
    found.extend(check_docs(root, &layers::folders(metadata))?);
    found.sort();
    found.dedup();
    Ok(found)
}

fn check_docs(root: &Path, folders: &[String]) -> Result<Vec<Violation>, Failure> {
    let mut documents = tree::in_folder(root, "md")?;
    documents.extend(tree::walk(root, &["docs", "crates", "xtask", "benches"], "md")?);
    let exists = |path: &str| root.join(path).exists();
    let mut found: Vec<_> =
        documents.iter().flat_map(|file| docs::check_links(&file.path, &file.text, exists)).collect();
    found.extend(documents.iter().flat_map(|file| lengths::check_lines(&file.path, &file.text)));
    let architecture = documents.iter().find(|file| file.path == docs::ARCHITECTURE).map(|file| file.text.as_str());
    found.extend(docs::check_architecture(architecture, folders));
    Ok(found)
}

/// Compares violations with what a case expects of them, as printed.
#[cfg(test)]
#[track_caller]
fn assert_violations(found: &[Violation], expected: &[&str]) {
    let found: Vec<_> = found.iter().map(Violation::to_string).collect();
    assert_eq!(found, expected);
}

/// Compares what `check` finds in a Rust file with what a case expects.
#[cfg(test)]
#[track_caller]
fn assert_tidy(check: fn(&Source) -> Vec<Violation>, path: &str, text: &str, expected: &[&str]) {
    assert_violations(&check(&Source::new(path.to_owned(), text.to_owned())), expected);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace on disk that breaks each family of rules once, seen through the same path as the real one.
    #[test]
    fn violations_of_all_rules_come_at_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"crates/a\"]\nresolver = \"3\"\n");
        write("crates/a/Cargo.toml", "[package]\nname = \"gradus-a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write("crates/a/src/lib.rs", "//! A.\n#![forbid(unsafe_code)]\nfn f() { dbg!(1); }\n");
        write("crates/a/target/x.rs", "not ours");
        write("README.md", "[gone](docs/gone.md)\n");
        let mut command = cargo_metadata::MetadataCommand::new();
        let metadata = command.no_deps().manifest_path(folder.path().join("Cargo.toml")).exec().unwrap();

        let found: Vec<_> = check(&metadata).unwrap().iter().map(Violation::to_string).collect();
        let ours = found.iter().filter(|violation| !violation.starts_with(file!().trim_end_matches("mod.rs")));
        let starts: Vec<_> =
            ours.map(|violation| violation.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            starts,
            [
                "README.md:1: `docs/gone.md`",
                "crates/a/Cargo.toml:1: gradus-a",
                "crates/a/src/lib.rs:3: `dbg!`",
                "docs/architecture.md:1: docs/architecture.md",
            ]
        );
    }
}
