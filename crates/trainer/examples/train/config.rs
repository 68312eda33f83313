//! What a run does, as `config.toml` keeps it: enough to do the same again, or to go on.

use std::path::PathBuf;

use gradus_optim::{Algorithm, OptimError};
use serde::{Deserialize, Serialize};

use crate::options::Options;
use crate::trackers::TrackerKind;

/// A resolved configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) recipe: String,
    pub(crate) model: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<PathBuf>,
    pub(crate) epochs: u64,
    pub(crate) batch_size: usize,
    pub(crate) seed: u64,
    pub(crate) optimizer: String,
    pub(crate) lr: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) trackers: Vec<TrackerKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) images: Option<ImageConfig>,
}

/// How the recipe for images reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageConfig {
    /// Height and width that all are brought to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<[usize; 2]>,
    /// Whether they are flipped and moved at random while training.
    pub(crate) augment: bool,
}

/// What a recipe uses where the options say nothing.
pub(crate) struct Defaults {
    pub(crate) epochs: u64,
    pub(crate) batch_size: usize,
    pub(crate) optimizer: &'static str,
    /// For each optimizer a learning rate that suits it.
    pub(crate) lr: fn(&str) -> f64,
}

impl Config {
    pub(crate) fn new(
        options: &Options,
        recipe: &str,
        defaults: &Defaults,
        model: &str,
        data: Option<PathBuf>,
    ) -> Self {
        let optimizer = options.optimizer.clone().unwrap_or_else(|| defaults.optimizer.to_owned());
        Self {
            recipe: recipe.to_owned(),
            model: model.to_owned(),
            data,
            epochs: options.epochs.unwrap_or(defaults.epochs),
            batch_size: options.batch_size.unwrap_or(defaults.batch_size),
            seed: options.seed,
            lr: options.lr.unwrap_or_else(|| (defaults.lr)(&optimizer)),
            optimizer,
            trackers: options.tracker.clone(),
            images: None,
        }
    }

    /// The optimizer with this run's learning rate, and momentum 0.9 for `sgd`.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, OptimError> {
        let mut algorithm = Algorithm::by_name(&self.optimizer)?;
        if let Algorithm::Sgd(sgd) = &mut algorithm {
            sgd.momentum = 0.9;
        }
        algorithm.set_lr(self.lr);
        Ok(algorithm)
    }
}
