//! What a recipe is, and the table of all.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use gradus_trainer::RunDir;

use crate::config::Config;
use crate::digits::DigitsOptions;
use crate::mnist::MnistOptions;
use crate::options::Options;

/// All recipes, in the order of `--help`.
const RECIPES: [Entry; 2] = [Entry::of::<DigitsOptions>(), Entry::of::<MnistOptions>()];

/// A recipe: its command line, what that comes to, and how it trains.
pub(crate) trait Recipe: Args {
    /// Its name on the command line and in `config.toml`.
    const NAME: &'static str;

    /// What it was asked to do, apart from the recipe's name.
    fn given(&self) -> Given;

    /// Trains what `config` says, from the start or from where `resume` stands.
    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome;
}

pub(crate) type Outcome = Result<ExitCode, Box<dyn Error>>;

/// What a command line asks for.
pub(crate) struct Given {
    /// The recipe, where one is named.
    pub(crate) recipe: Option<&'static str>,
    /// The options that all recipes share.
    pub(crate) options: Options,
    /// The folder with the data, for recipes that read one.
    pub(crate) data: Option<PathBuf>,
    /// The run to start, unless one is resumed.
    pub(crate) config: Config,
}

/// A recipe as the table holds it.
struct Entry {
    name: &'static str,
    command: fn() -> Command,
    read: fn(&ArgMatches) -> Result<Given, clap::Error>,
    train: fn(&Config, &Options, Option<RunDir>) -> Outcome,
}

impl Entry {
    const fn of<R: Recipe>() -> Self {
        Self {
            name: R::NAME,
            command: || R::augment_args(Command::new(R::NAME)),
            read: |matches| Ok(Given { recipe: Some(R::NAME), ..R::from_arg_matches(matches)?.given() }),
            train: R::train,
        }
    }
}

fn named(name: &str) -> Option<&'static Entry> {
    const { &RECIPES }.iter().find(|recipe| recipe.name == name)
}

/// The names of all recipes, for messages.
pub(crate) fn names() -> String {
    RECIPES.map(|recipe| recipe.name).join(", ")
}

/// Trains by the recipe that `config` names.
pub(crate) fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome {
    let recipe = named(&config.recipe);
    let unknown = || format!("config.toml names the recipe {}; this Gradus has {}", config.recipe, names());
    (recipe.ok_or_else(unknown)?.train)(config, options, resume)
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (name, matches) = matches.subcommand().ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
        (named(name).ok_or_else(|| clap::Error::new(ErrorKind::InvalidSubcommand))?.read)(matches)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Given {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommands(RECIPES.map(|recipe| (recipe.command)()))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        named(name).is_some()
    }
}
