//! `cargo xtask test`: every check of the project, quick ones first.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::command::{self, cargo};
use crate::python;
use crate::report::{Failure, say};
use crate::tidy;

/// What is checked beside the default features: all but `gradus-tensor/portable`, which leaves something out;
/// `cargo xtask prove portable` tests that.
pub(crate) const FEATURES: &str = "gradus-trainer/recipes,gradus-trainer/remote";

struct Step {
    heading: &'static str,
    work: Work,
    cure: &'static str,
}

enum Work {
    Cargo(&'static [&'static str]),
    Document,
    Tidy,
}

const STEPS: [Step; 5] = [
    Step {
        heading: "format: cargo fmt --all --check",
        work: Work::Cargo(&["fmt", "--all", "--check"]),
        cure: "run `cargo fmt --all`",
    },
    Step { heading: "house rules: cargo xtask tidy", work: Work::Tidy, cure: "" },
    Step {
        heading: "lints: cargo clippy --workspace --all-targets, warnings denied",
        work: Work::Cargo(&["clippy", "--workspace", "--all-targets", "--features", FEATURES, "--", "-D", "warnings"]),
        cure: "mend what clippy says above",
    },
    Step {
        heading: "documentation: cargo doc --workspace --no-deps, warnings denied",
        work: Work::Document,
        cure: "mend what rustdoc says above",
    },
    Step {
        heading: "tests: cargo test --workspace",
        work: Work::Cargo(&["test", "--workspace", "--features", FEATURES]),
        cure: "the failed tests are above",
    },
];

/// Runs all checks; the tests that compare with Python programs run where one is given.
pub(crate) fn run(python: Option<&Path>) -> Result<(), Failure> {
    let start = Instant::now();
    // The tests of a package run in its folder, where a relative path leads nowhere.
    let python = python.map(python::with_tracker_modules).transpose()?;
    install_missing()?;
    for (index, step) in STEPS.iter().enumerate() {
        say(format_args!("== {}/{} {}", index + 1, STEPS.len(), step.heading));
        let begun = Instant::now();
        match step.work {
            Work::Cargo(arguments) => {
                let mut command = cargo();
                if let Some(python) = &python {
                    command.env("GRADUS_PYTHON", python);
                }
                command::run(command.args(arguments), step.cure)
            }
            Work::Document => command::run(
                cargo()
                    .args(["doc", "--workspace", "--no-deps", "--features", FEATURES])
                    .env("RUSTDOCFLAGS", "-D warnings"),
                step.cure,
            ),
            Work::Tidy => tidy::run(),
        }?;
        say(format_args!("   passed in {}", seconds(begun.elapsed())));
    }
    say(format_args!("All {} checks passed in {}", STEPS.len(), seconds(start.elapsed())));
    Ok(())
}

/// Gets rustfmt and clippy through rustup where the toolchain came without them.
fn install_missing() -> Result<(), Failure> {
    let mut missing = Vec::new();
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if command::output(cargo().args([subcommand, "--version"]))?.is_none() {
            missing.push(component);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    say(format_args!("Missing: {names}; trying `rustup component add {names}`"));
    let mut rustup = std::process::Command::new("rustup");
    command::run(rustup.args(["component", "add"]).args(&missing), "install these components by hand").map_err(
        |failure| Failure::new(format!("the toolchain lacks {names}, and they could not be installed: {failure}")),
    )
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
