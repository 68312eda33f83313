//! Rules for single files: their first line and names, and what library code must leave to programs.

use super::Violation;
use super::source::{Source, find_word};

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "helpers", "misc", "common"];

/// What a library must not call, and what to do instead.
const BANNED: [(&str, &str); 8] = [
    ("println!", "write to a writer that the caller gives, or use tracing"),
    ("eprintln!", "write to a writer that the caller gives, or use tracing"),
    ("print!", "write to a writer that the caller gives, or use tracing"),
    ("eprint!", "write to a writer that the caller gives, or use tracing"),
    ("dbg!", "remove it"),
    ("process::exit", "return an error; only a program ends the process"),
    ("todo!", "finish it or leave it out"),
    ("unimplemented!", "finish it or leave it out"),
];

/// What is wrong with one Rust file.
pub(crate) fn check(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    found.extend(first_line(source));
    found.extend(file_name(source));
    found.extend(module_names(source));
    found.extend(glob_exports(source));
    if is_library(&source.path) {
        found.extend(banned_calls(source));
    }
    found
}

/// What is wrong with one TOML file: a choice of processor, which would make the programs run on no other.
pub(crate) fn check_manifest(path: &str, text: &str) -> Vec<Violation> {
    let setting = "target-cpu";
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.split('#').next().is_some_and(|value| value.contains(setting)))
        .map(|(number, _)| {
            let message = format!("`{setting}` ties programs to one processor; choose kernels at run time instead");
            Violation::new(path, number, message)
        })
        .collect()
}

fn first_line(source: &Source) -> Option<Violation> {
    let concern = source.text.lines().next().and_then(|line| line.strip_prefix("//!"));
    let message = "a file starts with a `//!` line that says its one concern, before any attribute";
    concern.is_none_or(|concern| concern.trim().is_empty()).then(|| Violation::new(&source.path, 1, message))
}

fn file_name(source: &Source) -> Option<Violation> {
    let mut names = source.path.split('/').map(|name| name.trim_end_matches(".rs"));
    names.find(|name| EMPTY_NAMES.contains(name)).map(|name| empty_name(source, 1, name))
}

/// `mod misc { }`; of `mod misc;` the file itself tells.
fn module_names(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(&source.lines) {
        let name = find_word(&line.code, "mod").and_then(|at| line.code[at..].split_whitespace().nth(1));
        if let Some(name) = name.filter(|name| EMPTY_NAMES.contains(name)) {
            found.push(empty_name(source, number, name));
        }
    }
    found
}

fn empty_name(source: &Source, line: usize, name: &str) -> Violation {
    Violation::new(&source.path, line, format!("`{name}` does not say what is inside; name it after its one concern"))
}

/// Re-exports of everything, at any visibility: a reader cannot tell where a name comes from.
fn glob_exports(source: &Source) -> Vec<Violation> {
    let code: String = source.lines.iter().map(|line| line.code.clone() + "\n").collect();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = find_word(&code[from..], "use").map(|at| from + at) {
        let end = code[at..].find(';').map_or(code.len(), |length| at + length);
        if is_public(code[..at].trim_end()) && code[at..end].contains('*') {
            let line = 1 + code[..at].matches('\n').count();
            found.push(Violation::new(&source.path, line, "a glob re-export; name what is exported"));
        }
        from = end;
    }
    found
}

/// Whether the code before a `use` ends with `pub` or `pub(…)`.
fn is_public(before: &str) -> bool {
    let scope = before.strip_suffix(')').and_then(|before| before.rsplit_once('('));
    let before = scope.map_or(before, |(before, _)| before);
    before.strip_suffix("pub").is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Library sources are those of crates, without files of tests (`tests.rs`, `tests/`) among them.
fn is_library(path: &str) -> bool {
    let in_src = path.strip_prefix("crates/").and_then(|path| path.split_once("/src/"));
    in_src.is_some_and(|(package, file)| {
        let is_other = |name: &str| ["tests", "examples", "benches"].contains(&name);
        !package.split('/').any(is_other) && !file.trim_end_matches(".rs").split('/').any(is_other)
    })
}

fn banned_calls(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    for (number, line) in source.lines_outside_tests() {
        for (call, instead) in BANNED {
            if find_word(&line.code, call).is_some() {
                let message = format!("`{call}` in a library: {instead}");
                found.push(Violation::new(&source.path, number, message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{assert_tidy, assert_violations};
    use super::*;

    #[track_caller]
    fn check_file(path: &str, text: &str, expected: &[&str]) {
        assert_tidy(check, path, text, expected);
    }

    /// Checks the body of a library file: what comes after its first line.
    #[track_caller]
    fn check_library(body: &str, expected: &[&str]) {
        check_file("crates/x/src/y.rs", &format!("//! Y.\n{body}"), expected);
    }

    #[test]
    fn the_first_line_says_the_concern() {
        let message = "a.rs:1: a file starts with a `//!` line that says its one concern, before any attribute";
        check_file("a.rs", "//! A.\n#![x]\n", &[]);
        check_file("a.rs", "#![x]\n//! A.\n", &[message]);
        check_file("a.rs", "#!/bin/x\n//! A.\n", &[message]);
        check_file("a.rs", "//!\n", &[message]);
        check_file("a.rs", "// A.\n", &[message]);
        check_file("a.rs", "", &[message]);
    }

    #[test]
    fn names_say_what_is_inside() {
        let cure = "does not say what is inside; name it after its one concern";
        check_file("crates/x/uncommon.rs", "//! A.\nmod utility {}\nmod common;\n", &[]);
        check_file("crates/x/utils.rs", "//! A.\n", &[&format!("crates/x/utils.rs:1: `utils` {cure}")]);
        check_file("crates/common/a.rs", "//! A.\n", &[&format!("crates/common/a.rs:1: `common` {cure}")]);
        check_file("a.rs", "//! A.\npub mod misc {\n}\n", &[&format!("a.rs:2: `misc` {cure}")]);
        check_file("a.rs", "//! A.\nmod helpers {}\n", &[&format!("a.rs:2: `helpers` {cure}")]);
    }

    #[test]
    fn exports_are_named() {
        let message = |line: usize| format!("crates/x/src/y.rs:{line}: a glob re-export; name what is exported");
        check_library("pub use a::b;\nuse a::*;\n// pub use a::*;\nlet x = 2 * 3;\n", &[]);
        check_library("fn pub_x(pub_y: T) {}\nuse a::*;\n", &[]);
        check_library("pub use a::*;\n", &[&message(2)]);
        check_library("pub(crate) use a::*;\n", &[&message(2)]);
        check_library("pub use a::{\n    b,\n    c::*,\n};\n", &[&message(2)]);
        check_library("use a;\nmod b { pub use a::*; }\n", &[&message(3)]);
    }

    #[test]
    fn libraries_leave_the_terminal_and_the_process_alone() {
        let message =
            |line: usize, call: &str, cure: &str| format!("crates/x/src/y.rs:{line}: `{call}` in a library: {cure}");
        check_library("/// `println!` in words.\nfn f() { writeln!(w, \"println!\"); }\n", &[]);
        check_library("#[cfg(test)]\nmod tests {\n    println!();\n}\n", &[]);
        check_library("self.process.exit(1);\nmy_print!();\n", &[]);
        for (call, cure) in BANNED {
            check_library(&format!("\n    std::{call}(1);\n"), &[&message(3, call, cure)]);
        }
        check_library("#[cfg(test)]\nmod tests {}\ndbg!(1);\n", &[&message(4, "dbg!", "remove it")]);
    }

    #[test]
    fn programs_and_tests_may_speak() {
        let text = "//! A.\nprintln!();\n";
        for path in [
            "xtask/src/a.rs",
            "benches/a.rs",
            "crates/x/tests/a.rs",
            "crates/x/examples/a/src/b.rs",
            "crates/x/src/tests.rs",
            "crates/x/src/a/tests/b.rs",
        ] {
            check_file(path, text, &[]);
        }
        let cure = BANNED[0].1;
        check_file("crates/x/y/src/a.rs", text, &[&format!("crates/x/y/src/a.rs:2: `println!` in a library: {cure}")]);
    }

    #[test]
    fn no_processor_is_chosen_at_build_time() {
        assert_violations(&check_manifest("a.toml", "# target-cpu\nx = 1 # target-cpu\n"), &[]);
        assert_violations(
            &check_manifest("a.toml", "\nrustflags = [\"-Ctarget-cpu=native\"]\n"),
            &["a.toml:2: `target-cpu` ties programs to one processor; choose kernels at run time instead"],
        );
    }
}
