//! `cargo xtask prove`: proofs that take too long for every test run.

use clap::ValueEnum;

use crate::command::{cargo, run as run_command};
use crate::report::Failure;
use crate::test::FEATURES;

/// What is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Proof {
    /// The whole test suite without our vector kernels, as on a processor that we have none for.
    Portable,
    /// No undefined behaviour in memory, threads and scalar kernels: gradus-tensor's tests under Miri, which rustup
    /// brings with `rustup toolchain install nightly --component miri`.
    Miri,
}

pub(crate) fn run(proof: Proof) -> Result<(), Failure> {
    match proof {
        Proof::Portable => {
            let features = format!("{FEATURES},gradus-tensor/portable");
            let mut test = cargo();
            // A folder of its own, so that the next usual build does not start anew.
            test.args(["test", "--workspace", "--target-dir", "target/portable", "--features", &features]);
            run_command(&mut test, "the failed tests are above")
        }
        Proof::Miri => {
            let mut miri = std::process::Command::new("cargo");
            miri.args(["+nightly", "miri", "test", "--package", "gradus-tensor", "--lib"]);
            miri.args(["--target-dir", "target/miri"]).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
            run_command(
                &mut miri,
                "Miri says why above; without it, `rustup toolchain install nightly --component miri`",
            )
        }
    }
}
