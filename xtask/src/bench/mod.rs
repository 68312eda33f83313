//! `cargo xtask bench`: criterion's benches, and the programs that measure.

use std::ffi::OsString;
use std::process::Command;

use clap::Subcommand;

use crate::command::{cargo, run as run_command};
use crate::program::{self, ROOFLINE, SUITE, become_program};
use crate::report::Failure;

mod compare;
mod machine;
mod peers;
mod table;

/// What measures, beside criterion.
#[derive(Debug, Subcommand)]
pub(crate) enum Program {
    /// Time the training steps, optimizer steps and backward passes, each in a process of its own.
    #[command(disable_help_flag = true)]
    Suite {
        /// Its options; `cargo xtask bench suite --help` lists them.
        #[arg(value_name = "OPTIONS", trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Run the suite and PyTorch's in turn, and set their times side by side.
    Compare(compare::Options),
    /// Measure what the machine can do, and how much of it each kernel reaches.
    #[command(disable_help_flag = true)]
    Roofline {
        /// Its options; `cargo xtask bench roofline --help` lists them.
        #[arg(value_name = "OPTIONS", trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
}

pub(crate) fn run(program: Program) -> Result<(), Failure> {
    match program {
        Program::Suite { options } => start(&SUITE, &options),
        Program::Roofline { options } => start(&ROOFLINE, &options),
        Program::Compare(options) => compare::run(options),
    }
}

fn start(program: &program::Program, options: &[OsString]) -> Result<(), Failure> {
    let program = program.build()?;
    become_program(Command::new(&program).args(options), &program)
}

/// Targets by name: `--benches` would also start targets without criterion, which know none of its options.
const TARGETS: [&str; 10] =
    ["bench", "--package", "gradus-benches", "--bench", "backward", "--bench", "step", "--bench", "kernels", "--"];

pub(crate) fn criterion(filter: Option<&OsString>, options: &[OsString]) -> Result<(), Failure> {
    run_command(cargo().args(TARGETS).args(filter).args(options), "its messages are above")
}
