//! A recurrent network that learns to write a text, character by character.

use std::path::PathBuf;

use clap::Args;
use gradus_nn::Module;
use gradus_nn::models::CharLstm;
use gradus_optim::Optimizer;
use gradus_trainer::{Every, RunDir};

use crate::config::{Config, Defaults};
use crate::language::{self, LanguageModel, Text};
use crate::options::Options;
use crate::recipes::{Given, Outcome, Recipe, Written, data_of};
use crate::session::{self, Job};

/// Learn to write a text with an LSTM
///
/// 128 numbers for a character, 256 memory cells, sequences of 64 characters; the first nine tenths of the text to
/// train on, the rest to validate on. An epoch is 250 steps. Defaults: 8 epochs, batches of 32, AdamW with lr 0.003,
/// gradients clipped to 5.
#[derive(Args)]
pub(crate) struct CharLstmOptions {
    /// Text file, UTF-8
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    data: Option<PathBuf>,

    /// Write this many characters when training is done; with --resume, of the finished run without training
    #[arg(long, value_name = "N")]
    sample: Option<usize>,

    #[command(flatten)]
    options: Options,
}

const STEPS: usize = 250;
const BLOCK_SIZE: usize = 64;

const DEFAULTS: Defaults = Defaults { epochs: 8, batch_size: 32, optimizer: "adamw", lr: |_| 3e-3 };

fn model(vocab_size: usize) -> CharLstm {
    CharLstm::new(vocab_size, 128, 256)
}

impl Recipe for CharLstmOptions {
    const NAME: &'static str = "char-lstm";

    fn given(&self) -> Given {
        let config = Config::new(&self.options, Self::NAME, &DEFAULTS, "lstm", self.data.clone());
        Given {
            recipe: None,
            options: self.options.clone(),
            data: self.data.clone(),
            sample: self.sample,
            predict: None,
            config,
        }
    }

    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome {
        let text = Text::read(data_of(config)?)?;
        session::run(config, options, resume, || {
            let model = LanguageModel(model(text.vocabulary.len()));
            let files = vec![language::vocabulary_file(&text.vocabulary)?];
            let (train, validation) = text.loaders(config, BLOCK_SIZE, STEPS)?;
            let optimizer = Optimizer::new(model.named_parameters(), config.algorithm()?)?;
            Ok(Job {
                model,
                optimizer,
                train,
                validation,
                clip_grad_norm: Some(5.0),
                schedule_every: Every::Epoch,
                files,
            })
        })
    }

    fn sample(config: &Config, run: &RunDir, count: usize) -> Written {
        let model = model(language::read_vocabulary(run)?.len());
        language::sample(run, &model, (BLOCK_SIZE, count, config.seed))
    }
}
