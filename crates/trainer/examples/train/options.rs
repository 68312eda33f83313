//! The options that all recipes share.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, RangedU64ValueParser};
use clap::{Args, value_parser};
use gradus_optim::Algorithm;

use crate::trackers::TrackerKind;

/// What a run is asked to do. What is left out is the recipe's choice.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Passes over the training data [with --resume: in all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) epochs: Option<u64>,

    /// Samples a step
    #[arg(long, value_name = "N", value_parser = parse_batch_size, conflicts_with = "resume")]
    pub(crate) batch_size: Option<usize>,

    /// Learning rate
    #[arg(long, value_name = "X", allow_negative_numbers = true, value_parser = parse_lr, conflicts_with = "resume")]
    pub(crate) lr: Option<f64>,

    /// Update rule; docs/optimizers.md has formulas and defaults
    #[arg(long, value_name = "NAME", value_parser = algorithms(), conflicts_with = "resume")]
    pub(crate) optimizer: Option<String>,

    /// Decides everything random: initial weights, split, order of samples, dropout. The same seed gives the same bits
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seeds(), conflicts_with = "resume")]
    pub(crate) seed: u64,

    /// Processor cores to use; the result is the same for any number [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// Folder for the run's files; one that holds a run already is refused [default: runs/<recipe>-<time>]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) run_dir: Option<PathBuf>,

    /// Where else the numbers go, beside metrics.csv and metrics.jsonl; several with commas between
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "resume")]
    pub(crate) tracker: Vec<TrackerKind>,

    /// Go on with the run in this folder, from its newest whole checkpoint, with the configuration it was started with
    #[arg(long, value_name = "DIR")]
    pub(crate) resume: Option<PathBuf>,

    /// Print at the end where a step's time went, by operation, forward and backward
    #[arg(long)]
    pub(crate) profile: bool,

    /// Print nothing but errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

fn algorithms() -> PossibleValuesParser {
    PossibleValuesParser::new(Algorithm::NAMES)
}

/// TOML's integers are i64.
fn seeds() -> RangedU64ValueParser {
    value_parser!(u64).range(..=i64::MAX as u64)
}

fn parse_batch_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a batch holds at least 1 sample".to_owned()),
        Ok(size) => Ok(size),
        Err(_) => Err("not a whole number of at least 1".to_owned()),
    }
}

fn parse_lr(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(lr) if lr.is_finite() && lr > 0.0 => Ok(lr),
        _ => Err("a learning rate is a finite number above 0".to_owned()),
    }
}
