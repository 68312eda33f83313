//! The program behind `cargo xtask train`, and how tests run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The recipe program, built as the tests are.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // With the flags of `cargo xtask test`, which builds the whole workspace: nothing is built twice.
        let build = ["build", "--workspace", "--quiet", "--profile", "test", "--example", "train"];
        let features = ["--features", "gradus-trainer/recipes,gradus-trainer/remote"];
        let built =
            Command::new(env!("CARGO")).args(build).args(features).current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(built.expect("cargo starts").success(), "the recipes do not build");
        let test = std::env::current_exe().expect("a test knows its own path");
        let folder = test.ancestors().nth(2).expect("tests lie in target/<profile>/deps");
        folder.join("examples").join(format!("train{}", std::env::consts::EXE_SUFFIX))
    })
}

#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn train(folder: &Path, arguments: &str) -> Output {
    let arguments = arguments.split_whitespace();
    Command::new(program()).args(arguments).current_dir(folder).stdin(Stdio::null()).output().expect("it starts")
}

#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn succeed(folder: &Path, arguments: &str) -> String {
    let output = train(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Every file below a folder with its bytes, sorted.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn contents(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push((path.clone(), Vec::new()));
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The names in a folder, sorted.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `arguments` must fail with `code`, name what is in `parts`, and leave the folder as it is.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn refuse(folder: &Path, arguments: &str, code: i32, parts: &[&str]) {
    let before = contents(folder);
    let output = train(folder, arguments);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments}: {stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{arguments}: '{part}' is not in: {stderr}");
    }
    for never in ["panicked", "RUST_BACKTRACE", "Error {", "Os {"] {
        assert!(!stderr.contains(never), "{arguments}: {stderr}");
    }
    assert!(contents(folder) == before, "{arguments} left something behind");
}
