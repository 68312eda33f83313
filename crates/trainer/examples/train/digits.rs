//! The default recipe: the 1,797 UCI digits that come with Gradus, an MLP.

use clap::Args;
use gradus_data::{digits, random_split};
use gradus_nn::models::Mlp;
use gradus_trainer::RunDir;

use crate::config::{Config, Defaults};
use crate::options::Options;
use crate::recipes::{Given, Outcome, Recipe};
use crate::session;

/// Classify 8x8 handwritten digits, which come with Gradus, with a small MLP
///
/// 1,797 digits of the UCI machine learning repository, 80 % for training, 20 % for validation. Defaults: 60 epochs,
/// batches of 16, AdamW with lr 0.002 (sgd: 0.02, adadelta: 1).
#[derive(Args)]
pub(crate) struct DigitsOptions {
    #[command(flatten)]
    options: Options,
}

const DEFAULTS: Defaults = Defaults {
    epochs: 60,
    batch_size: 16,
    optimizer: "adamw",
    lr: |optimizer| match optimizer {
        "sgd" => 0.02,
        "adadelta" => 1.0,
        _ => 0.002,
    },
};

impl Recipe for DigitsOptions {
    const NAME: &'static str = "digits";

    fn given(&self) -> Given {
        let config = Config::new(&self.options, Self::NAME, &DEFAULTS, "mlp", None);
        Given { recipe: None, options: self.options.clone(), data: None, sample: None, predict: None, config }
    }

    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome {
        if config.model != "mlp" {
            return Err(format!("config.toml names the model {}; this recipe has mlp", config.model).into());
        }
        let [train, validation] = random_split(digits()?, [0.8, 0.2], config.seed)?;
        session::classify(
            config,
            options,
            resume,
            || Mlp::with_dropout(&[64, 128, 64, 10], 0.2),
            (train, validation),
            None,
        )
    }
}
