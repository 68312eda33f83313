//! A small GPT that learns to write a text, character by character.

use std::path::PathBuf;

use clap::Args;
use gradus_nn::Module;
use gradus_nn::models::{Gpt, GptConfig};
use gradus_optim::{AdamW, Algorithm, Optimizer, ParamGroup, WarmupCosine};
use gradus_trainer::{Every, RunDir};

use crate::config::{Config, Defaults};
use crate::language::{self, LanguageModel, Text};
use crate::options::Options;
use crate::recipes::{Given, Outcome, Recipe, Written, data_of};
use crate::session::{self, Job};

/// Learn to write a text with a small GPT (nanoGPT's configuration for a CPU)
///
/// 4 layers of 4 heads and 128 numbers, a context of 64 characters; the first nine tenths of the text to train on, the
/// rest to validate on. An epoch is 250 steps. Defaults: 8 epochs, batches of 12, AdamW with betas 0.9 and 0.99 and
/// weight decay 0.1 on matrices, lr 0.002 with warm-up over 100 steps and a cosine to a tenth, gradients clipped to 1.
/// On Shakespeare that ends at a validation loss of 1.81; with nanoGPT's own lr of 0.001 at 1.91, as PyTorch does.
#[derive(Args)]
pub(crate) struct CharGptOptions {
    /// Text file, UTF-8
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    data: Option<PathBuf>,

    /// Write this many characters when training is done; with --resume, of the finished run without training
    #[arg(long, value_name = "N")]
    sample: Option<usize>,

    #[command(flatten)]
    options: Options,
}

/// nanoGPT's `eval_interval`.
const STEPS: usize = 250;
const BLOCK_SIZE: usize = 64;

const DEFAULTS: Defaults = Defaults { epochs: 8, batch_size: 12, optimizer: "adamw", lr: |_| 2e-3 };

fn model(vocab_size: usize) -> Gpt {
    Gpt::nanogpt(GptConfig { vocab_size, block_size: BLOCK_SIZE, n_layer: 4, n_head: 4, n_embd: 128 })
}

impl Recipe for CharGptOptions {
    const NAME: &'static str = "char-gpt";

    fn given(&self) -> Given {
        let config = Config::new(&self.options, Self::NAME, &DEFAULTS, "gpt", self.data.clone());
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
            let rule = match config.algorithm()? {
                Algorithm::AdamW(rule) => AdamW { betas: [0.9, 0.99], weight_decay: 0.1, ..rule }.into(),
                other => other,
            };
            let groups = ParamGroup::decay_matrices(model.named_parameters(), rule);
            let mut optimizer = Optimizer::with_groups(groups)?;
            // The cosine of the default length, also where more epochs are asked for: they go on at the floor.
            let decay_steps = DEFAULTS.epochs * STEPS as u64;
            optimizer.set_schedule(WarmupCosine { warmup_steps: 100, decay_steps, floor: 0.1 })?;
            let (clip_grad_norm, schedule_every) = (Some(1.0), Every::Step);
            Ok(Job { model, optimizer, train, validation, clip_grad_norm, schedule_every, files })
        })
    }

    fn sample(config: &Config, run: &RunDir, count: usize) -> Written {
        let model = model(language::read_vocabulary(run)?.len());
        language::sample(run, &model, (BLOCK_SIZE, count, config.seed))
    }
}
