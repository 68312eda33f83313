//! The command line of `cargo xtask`: which command runs what.
#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod command;
mod parity;
mod program;
mod prove;
mod python;
mod report;
mod test;
mod tidy;
mod train;

/// Trains, checks and measures Gradus.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Train a model: build the recipes optimised, then run one.
    ///
    /// Every argument goes to the recipe program as it stands: `cargo xtask train --help` lists the recipes and their
    /// options.
    #[command(disable_help_flag = true)]
    Train {
        /// The recipe and its options.
        #[arg(value_name = "RECIPE AND OPTIONS", trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Check everything: format, house rules, lints, documentation, tests.
    ///
    /// The checks run in that order, the quick ones first, and stop at the first that fails.
    Test {
        /// Test with this Python, too, what other programs read: it must have tensorboard, comet_ml and jsonschema.
        #[arg(long, value_name = "PROGRAM")]
        with_python: Option<PathBuf>,
    },
    /// Make the Comet archive of a run that was trained with `--tracker comet-offline`, also of one that was killed.
    CometArchive {
        /// The run's folder.
        run: PathBuf,
    },
    /// Measure: with criterion, or with one of the programs below.
    ///
    /// Criterion's results and their change since the last run go to target/criterion.
    #[command(args_conflicts_with_subcommands = true)]
    Bench {
        #[command(subcommand)]
        program: Option<bench::Program>,
        /// Run only the benches whose name contains this text.
        filter: Option<OsString>,
        /// Options for criterion, such as `--save-baseline NAME`.
        #[arg(value_name = "CRITERION OPTIONS", trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Write the numbers that PyTorch gives anew, for the tests that compare with them.
    ///
    /// The numbers are kept in the repository, so only a change of what is compared asks for this. Without --python
    /// it makes a virtual environment and installs what the scripts import there, which is a large download.
    Parity(parity::Parity),
    /// Prove what takes too long to be proved in every test run.
    Prove {
        /// What to prove.
        proof: prove::Proof,
        #[command(flatten)]
        python: python::Python,
    },
    /// Check the house rules: layers, files, unsafe code and links in documents.
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().task {
        // As typed, after `xtask train`: clap drops a leading `--`, which is the recipe's to understand.
        Task::Train { .. } => train::run(env::args_os().skip(2)),
        Task::Test { with_python } => test::run(with_python.as_deref()),
        Task::CometArchive { run } => train::comet_archive(&run),
        Task::Bench { program: Some(program), .. } => bench::run(program),
        Task::Bench { program: None, filter, options } => bench::criterion(filter.as_ref(), &options),
        Task::Parity(options) => parity::run(options),
        Task::Prove { proof, python } => prove::run(proof, python),
        Task::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::CommandLine;

    /// clap looks at a command only when it is asked for.
    #[test]
    fn every_command_is_whole() {
        CommandLine::command().debug_assert();
    }
}
