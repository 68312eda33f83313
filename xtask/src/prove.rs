//! `cargo xtask prove`: proofs that take too long for every test run.

use std::fs;
use std::process::Command;

use clap::ValueEnum;

use crate::command::{self, cargo, run as run_command};
use crate::program::SUITE;
use crate::python::{self, Python};
use crate::report::{Failure, say};
use crate::test::FEATURES;

/// What is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Proof {
    /// The whole test suite without our vector kernels, as on a processor that we have none for.
    Portable,
    /// No undefined behaviour in memory, threads and scalar kernels: the tests of gradus-tensor's modules with `unsafe`
    /// under Miri, which rustup brings with `rustup toolchain install nightly --component miri`.
    Miri,
    /// The same bits for any number of threads: each training step of the suite, 200 times, with 1, 2, 3 and 8 threads.
    Threads,
    /// A model written here loads in PyTorch and gives the same outputs there, and the other way round; needs a Python
    /// with PyTorch.
    Exchange,
}

pub(crate) fn run(proof: Proof, python: Python) -> Result<(), Failure> {
    match proof {
        Proof::Portable => {
            let features = format!("{FEATURES},gradus-tensor/portable");
            let mut test = cargo();
            // A folder of its own, so that the next usual build does not start anew.
            test.args(["test", "--workspace", "--target-dir", "target/portable", "--features", &features]);
            run_command(&mut test, "the failed tests are above")
        }
        Proof::Miri => {
            let mut miri = Command::new("cargo");
            miri.args([
                "+nightly",
                "miri",
                "test",
                "--package",
                "gradus-tensor",
                "--lib",
                "--target-dir",
                "target/miri",
            ]);
            miri.args(RECURRENT_AND_ATTENTION.iter().flat_map(|test| ["--test", test]));
            miri.arg("--").args(UNSAFE_MODULES).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
            run_command(
                &mut miri,
                "Miri says why above; without it, `rustup toolchain install nightly --component miri`",
            )
        }
        Proof::Threads => threads(),
        Proof::Exchange => exchange(python),
    }
}

/// Models to PyTorch and back, in a folder of the target directory.
fn exchange(options: Python) -> Result<(), Failure> {
    let metadata = command::metadata()?;
    let (root, target) = (metadata.workspace_root.as_std_path(), metadata.target_directory.as_std_path());
    let (python, folder) = (python::python(options, target)?, target.join("exchange"));
    fs::create_dir_all(&folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    let ours = |task: &str| {
        let mut example = cargo();
        example.args(["run", "--quiet", "--release", "--package", "gradus-nn", "--example", "exchange", "--", task]);
        run_command(example.arg(&folder), "it says why above")
    };
    ours("write")?;
    let script = root.join("xtask/parity/exchange.py");
    run_command(Command::new(python).arg(script).arg(&folder), "it says why above")?;
    ours("check")
}

/// Tests of gradus-tensor for kernels that write through shared slices.
const RECURRENT_AND_ATTENTION: [&str; 3] = ["attention", "gru", "lstm"];

/// What the names of the tests begin with that Miri runs: the modules with `unsafe` or on top of it, and the test files
/// above. The others would take hours and touch memory by safe code alone.
const UNSAFE_MODULES: [&str; 10] = [
    "storage",
    "parallel",
    "interop",
    "kernels::team",
    "kernels::gemm",
    "ops::conv2d",
    "ops::matmul",
    "attention",
    "gru",
    "lstm",
];

/// Numbers of threads of which all must give the same.
const THREADS: [&str; 4] = ["1", "2", "3", "8"];

fn threads() -> Result<(), Failure> {
    let suite = SUITE.build()?;
    let Some(steps) = command::output(Command::new(&suite).args(["--list", "--only", "step/"]))? else {
        return Err(Failure::new("the suite does not list its workloads; run `cargo xtask bench suite --list`"));
    };
    let mut differ = Vec::new();
    for step in steps.lines() {
        let mut hashes = Vec::new();
        for threads in THREADS {
            let mut run = Command::new(&suite);
            run.args(["--hash", "--only", step, "--threads", threads]);
            let Some(hash) = command::output(&mut run)? else {
                return Err(Failure::new(format!("`{}` failed; run it by hand", command::line(&run))));
            };
            hashes.push(hash);
        }
        let same = hashes.iter().all(|hash| *hash == hashes[0]);
        say(format_args!("{step:32} {}", if same { "the same bits" } else { "DIFFERENT BITS" }));
        if !same {
            differ.push(step);
        }
    }
    if differ.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} not the same with {} threads; a sum is cut by their number",
        differ.join(", "),
        THREADS.join(", ")
    )))
}
