//! The recipes of `cargo xtask train`: trains a model on real data and keeps everything in a run folder.

mod char_gpt;
mod char_lstm;
mod config;
mod digits;
mod image_results;
mod images;
mod language;
mod mnist;
mod moons;
mod names;
mod options;
mod recipes;
mod session;
mod trackers;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use gradus_trainer::RunDir;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

use crate::config::Config;
use crate::recipes::{Given, Recipe};
use crate::session::Ended;

/// Trains a model on real data and keeps everything in a run folder.
///
/// Without a recipe, trains a digit classifier on data that comes with Gradus, in a second or two.
///
/// A run folder (runs/<recipe>-<time> unless --run-dir says otherwise) holds config.toml, metrics.csv, metrics.jsonl,
/// model.safetensors, checkpoints and summary.json. Ctrl-C ends the batch, saves a checkpoint and says how to go on.
#[derive(Parser)]
#[command(name = "cargo xtask train", bin_name = "cargo xtask train", version, args_conflicts_with_subcommands = true)]
#[command(subcommand_value_name = "RECIPE", subcommand_help_heading = "Recipes", disable_help_subcommand = true)]
#[command(
    after_help = "Examples:\n  cargo xtask train\n  cargo xtask train digits --epochs 10 --lr 0.01 --optimizer sgd\n  \
                        cargo xtask train mnist --data path/to/mnist --model cnn --epochs 3\n  \
                        cargo xtask train --resume runs/digits-20260131-174500"
)]
struct Cli {
    #[command(subcommand)]
    given: Option<Given>,
    #[command(flatten)]
    digits: digits::DigitsOptions,
}

fn main() -> ExitCode {
    log_to_stderr();
    match run(parse()) {
        Ok(code) => code,
        Err(error) => {
            // Whoever reads this may have gone.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Shows what RUST_LOG asks for (`gradus_trainer=debug`, say), and how long each part took; warnings without it.
fn log_to_stderr() {
    let asked = std::env::var("RUST_LOG").ok().filter(|asked| !asked.is_empty());
    let asked: Option<Targets> = asked.and_then(|asked| asked.parse().ok());
    let filter = asked.unwrap_or_else(|| Targets::new().with_default(tracing::Level::WARN));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_filter(filter);
    tracing_subscriber::registry().with(layer).init();
}

fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        if let Some(name) = unknown_recipe(&error) {
            let message = format!("unknown recipe '{name}'; there are {}", recipes::names());
            Cli::command().error(ErrorKind::InvalidSubcommand, message).exit();
        }
        error.exit()
    })
}

/// The name that stands where a recipe's should, where that is what is wrong. clap would suggest a similar one, or
/// complain of an option before it; here all that there are fit in a line.
fn unknown_recipe(error: &clap::Error) -> Option<String> {
    let kinds = [ErrorKind::InvalidSubcommand, ErrorKind::UnknownArgument, ErrorKind::ArgumentConflict];
    let named = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let name = named.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(name)) => Some(name.trim_matches('\'').to_owned()),
        _ => None,
    })?;
    let is_recipe = Cli::command().find_subcommand(&name).is_some();
    (kinds.contains(&error.kind()) && !name.starts_with('-') && !is_recipe).then_some(name)
}

/// Goes on with the run that `--resume` names, whatever its recipe, or starts the run that is asked for.
fn run(cli: Cli) -> Result<ExitCode, Box<dyn Error>> {
    let given = cli.given.unwrap_or_else(|| cli.digits.given());
    let Given { recipe, options, data, sample, predict, config } = given;
    if let Some(predict) = predict {
        session::say(&recipes::predict(&predict, &options)?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(path) = &options.resume else {
        return finish(&config, recipes::train(&config, &options, None)?, sample);
    };
    let run = RunDir::open(path)?;
    let mut config: Config = run.read_config()?;
    if let Some(recipe) = recipe.filter(|&recipe| recipe != config.recipe) {
        let message =
            format!("{} is a run of {}, not of {recipe}; leave the recipe out", path.display(), config.recipe);
        return Err(message.into());
    }
    config.epochs = options.epochs.unwrap_or(config.epochs);
    config.data = data.or(config.data);
    if let Some(count) = sample.filter(|_| options.epochs.is_none() && run.model().is_file()) {
        return write_sample(&config, &run, count);
    }
    let ended = recipes::train(&config, &options, Some(run))?;
    finish(&config, ended, sample)
}

/// Writes what was asked for after training that came to its end.
fn finish(config: &Config, ended: Ended, sample: Option<usize>) -> Result<ExitCode, Box<dyn Error>> {
    match sample.filter(|_| ended.run.model().is_file()) {
        Some(count) => write_sample(config, &ended.run, count),
        None => Ok(ended.code),
    }
}

fn write_sample(config: &Config, run: &RunDir, count: usize) -> Result<ExitCode, Box<dyn Error>> {
    session::say(&recipes::sample(config, run, count)?);
    Ok(ExitCode::SUCCESS)
}
