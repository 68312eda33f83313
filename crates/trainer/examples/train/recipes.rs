//! What a recipe is, and the table of all.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use gradus_trainer::RunDir;

use crate::char_gpt::CharGptOptions;
use crate::char_lstm::CharLstmOptions;
use crate::config::Config;
use crate::digits::DigitsOptions;
use crate::images::ImagesOptions;
use crate::mnist::MnistOptions;
use crate::moons::MoonsOptions;
use crate::names::NamesOptions;
use crate::options::Options;
use crate::session::Ended;

/// All recipes, in the order of `--help`.
const RECIPES: [Entry; 7] = [
    Entry::of::<DigitsOptions>(),
    Entry::of::<MnistOptions>(),
    Entry::of::<ImagesOptions>(),
    Entry::of::<CharGptOptions>(),
    Entry::of::<CharLstmOptions>(),
    Entry::of::<NamesOptions>(),
    Entry::of::<MoonsOptions>(),
];

/// A recipe: its command line, what that comes to, and how it trains.
pub(crate) trait Recipe: Args {
    /// Its name on the command line and in `config.toml`.
    const NAME: &'static str;

    /// What it was asked to do, apart from the recipe's name.
    fn given(&self) -> Given;

    /// Trains what `config` says, from the start or from where `resume` stands.
    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome;

    /// `count` characters that the trained model of `run` writes, where it is one that writes.
    fn sample(config: &Config, run: &RunDir, count: usize) -> Written {
        let _ = (run, count);
        Err(format!("{} writes no text; leave --sample out", config.recipe).into())
    }

    /// Writes what the trained model of `run` makes of `input` into the run's folder.
    fn predict(config: &Config, options: &Options, run: &RunDir, input: &Path) -> Predicted {
        let _ = (options, run, input);
        Err(format!("{} predicts nothing; give --run a run of images", config.recipe).into())
    }
}

pub(crate) type Outcome = Result<Ended, Box<dyn Error>>;

/// The text that a trained model has written.
pub(crate) type Written = Result<String, Box<dyn Error>>;

/// A line that says where predictions are.
pub(crate) type Predicted = Result<String, Box<dyn Error>>;

/// The data that the run reads.
pub(crate) fn data_of(config: &Config) -> Result<&PathBuf, Box<dyn Error>> {
    config.data.as_ref().ok_or_else(|| "the run's config.toml names no data; give them with --data".into())
}

/// What a command line asks for.
pub(crate) struct Given {
    /// The recipe, where one is named.
    pub(crate) recipe: Option<&'static str>,
    /// The options that all recipes share.
    pub(crate) options: Options,
    /// The file or folder with the data, for recipes that read any.
    pub(crate) data: Option<PathBuf>,
    /// How many characters to write when training is done, for recipes that write.
    pub(crate) sample: Option<usize>,
    /// What to predict, with which finished run, instead of training.
    pub(crate) predict: Option<Predict>,
    /// The run to start, unless one is resumed.
    pub(crate) config: Config,
}

/// Predictions asked for.
pub(crate) struct Predict {
    pub(crate) input: PathBuf,
    pub(crate) run: PathBuf,
}

/// A recipe as the table holds it.
struct Entry {
    name: &'static str,
    command: fn() -> Command,
    read: fn(&ArgMatches) -> Result<Given, clap::Error>,
    train: fn(&Config, &Options, Option<RunDir>) -> Outcome,
    sample: fn(&Config, &RunDir, usize) -> Written,
    predict: fn(&Config, &Options, &RunDir, &Path) -> Predicted,
}

impl Entry {
    const fn of<R: Recipe>() -> Self {
        Self {
            name: R::NAME,
            command: || R::augment_args(Command::new(R::NAME)),
            read: |matches| Ok(Given { recipe: Some(R::NAME), ..R::from_arg_matches(matches)?.given() }),
            train: R::train,
            sample: R::sample,
            predict: R::predict,
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
    (of(config)?.train)(config, options, resume)
}

/// Characters that the trained model of `run` writes.
pub(crate) fn sample(config: &Config, run: &RunDir, count: usize) -> Written {
    (of(config)?.sample)(config, run, count)
}

/// Predicts with the trained model of a run.
pub(crate) fn predict(asked: &Predict, options: &Options) -> Predicted {
    let run = RunDir::open(&asked.run)?;
    let config: Config = run.read_config()?;
    (of(&config)?.predict)(&config, options, &run, &asked.input)
}

fn of(config: &Config) -> Result<&'static Entry, String> {
    let unknown = || format!("config.toml names the recipe {}; this Gradus has {}", config.recipe, names());
    named(&config.recipe).ok_or_else(unknown)
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
