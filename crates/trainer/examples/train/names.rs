//! Names, made up letter by letter: a network that looks at eight letters in pairs, pairs of pairs, and so on.

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use gradus_autograd::{Var, no_grad};
use gradus_data::{Batch, CharVocabulary, DataError, DataLoader, Sampler, TensorDataset, read_text};
use gradus_nn::{BatchNorm1d, Embedding, Layer, Linear, Module, cross_entropy, init};
use gradus_optim::{MultiStepLR, Optimizer, Sgd};
use gradus_tensor::random::Generator;
use gradus_tensor::{IndexError, Tensor};
use gradus_trainer::{Accuracy, Every, RunDir, StepError, TrainingStep};

use crate::config::{Config, Defaults};
use crate::language::{draw, load_trained, read_vocabulary, vocabulary_file};
use crate::options::Options;
use crate::recipes::{Given, Outcome, Recipe, Written, data_of};
use crate::session::{self, Job};

/// Learn to make up names with a WaveNet-like network (makemore, part 5)
///
/// Eight letters as context, 24 numbers a letter, three layers of 128 that join neighbours. A tenth of the names to
/// validate on, a tenth held out. An epoch is 10,000 steps. Defaults: 20 epochs, batches of 32, SGD with lr 0.1, a
/// tenth of that after three quarters.
#[derive(Args)]
pub(crate) struct NamesOptions {
    /// Text file with a name a line
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    data: Option<PathBuf>,

    /// Write names of at least this many characters in all when training is done; with --resume, of the finished run
    #[arg(long, value_name = "N")]
    sample: Option<usize>,

    #[command(flatten)]
    options: Options,
}

const STEPS: usize = 10_000;
const CONTEXT: usize = 8;
const EMBEDDING: usize = 24;
const HIDDEN: usize = 128;
/// No name is longer, as far as names that are made up go.
const LONGEST: usize = 100;
/// What ends a name, and stands before it.
const END: char = '.';

const DEFAULTS: Defaults = Defaults { epochs: 20, batch_size: 32, optimizer: "sgd", lr: |_| 0.1 };

/// Contexts `[B, 8]` give the logits of the next letter, `[B, V]`.
#[derive(Module)]
struct Namer {
    embedding: Embedding,
    layers: Vec<Join>,
    head: Linear,
}

/// Joins neighbours: `[B, T, C] -> [B, T / 2, 2 C] -> tanh(norm(linear))`.
#[derive(Module)]
struct Join {
    linear: Linear,
    norm: BatchNorm1d,
}

impl Namer {
    fn new(vocabulary: usize) -> Self {
        let widths = [EMBEDDING, HIDDEN, HIDDEN];
        let join = |inputs: usize| Join {
            linear: Linear::new(2 * inputs, HIDDEN).without_bias(),
            norm: BatchNorm1d::new(HIDDEN),
        };
        let model = Self {
            embedding: Embedding::new(vocabulary, EMBEDDING),
            layers: widths.map(join).into_iter().collect(),
            head: Linear::new(HIDDEN, vocabulary),
        };
        // As makemore begins: weights normal with standard deviation 1 / sqrt(inputs), the last layer unsure of itself.
        let weights = model.layers.iter().map(|layer| (&layer.linear.weight, 1.0)).chain([(&model.head.weight, 0.1)]);
        for (weight, scale) in weights {
            weight.set_value(init::normal(weight.shape(), 0.0, scale / (weight.shape()[1] as f64).sqrt()));
        }
        model.head.bias.iter().for_each(|bias| bias.set_value(Tensor::zeros(bias.shape())));
        model
    }

    fn forward(&self, contexts: &Tensor<i64>) -> Result<Var, IndexError> {
        let mut x = self.embedding.forward(contexts)?;
        let batch = contexts.shape()[0];
        for Join { linear, norm } in &self.layers {
            let (time, width) = (x.shape()[1], x.shape()[2]);
            // Every place of every context is a sample for the norm.
            let joined = linear.forward(&x.reshape([batch * time / 2, 2 * width]));
            x = norm.forward(&joined).tanh().reshape([batch, time / 2, HIDDEN]);
        }
        Ok(self.head.forward(&x.reshape([batch, HIDDEN])))
    }
}

impl TrainingStep for Namer {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        // Letters are small whole numbers, which floats hold exactly.
        let logits = self.forward(&batch.inputs.map(|letter| letter as i64))?;
        Ok((cross_entropy(&logits, &batch.targets)?, Accuracy::of(logits.value(), &batch.targets)))
    }
}

/// Names cut into those to train on, to validate on, and to leave alone: eight, one and one tenth, mixed by the seed.
struct Names {
    vocabulary: CharVocabulary,
    train: Vec<String>,
    validation: Vec<String>,
}

impl Names {
    fn read(path: &Path, seed: u64) -> Result<Self, Box<dyn Error>> {
        let text = read_text(path)?;
        let names: Vec<&str> = text.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.len() < 10 {
            return Err(format!(
                "{}: {} names are too few; give at least 10, a line each",
                path.display(),
                names.len()
            )
            .into());
        }
        if let Some(name) = names.iter().find(|name| name.contains(END)) {
            return Err(format!("{}: the name {name} has a full stop, which stands for the end", path.display()).into());
        }
        let order = Generator::new(seed, 2).permutation(names.len());
        let part = |from: usize, to: usize| {
            order[names.len() * from / 10..names.len() * to / 10].iter().map(|&i| names[i].to_owned()).collect()
        };
        let vocabulary = CharVocabulary::of(&format!("{END}{}", names.concat()));
        Ok(Self { vocabulary, train: part(0, 8), validation: part(8, 9) })
    }

    /// A sample for each letter and each end: the eight letters before it, and the letter.
    fn samples(&self, names: &[String]) -> Result<TensorDataset, DataError> {
        let (mut contexts, mut letters) = (Vec::new(), Vec::new());
        let end = self.vocabulary.encode(&END.to_string())?[0];
        for name in names {
            let mut context = [end; CONTEXT];
            for letter in self.vocabulary.encode(&format!("{name}{END}"))? {
                contexts.extend(context.map(|letter| letter as f32));
                letters.push(letter);
                context.rotate_left(1);
                context[CONTEXT - 1] = letter;
            }
        }
        let count = letters.len();
        TensorDataset::new(Tensor::from_vec(contexts, [count, CONTEXT]), Tensor::from_vec(letters, [count]))
    }
}

impl Recipe for NamesOptions {
    const NAME: &'static str = "names";

    fn given(&self) -> Given {
        let config = Config::new(&self.options, Self::NAME, &DEFAULTS, "wavenet", self.data.clone());
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
        if config.batch_size < 2 {
            return Err("names normalises over the batch, which needs at least 2 samples; give --batch-size 2".into());
        }
        let names = Names::read(data_of(config)?, config.seed)?;
        let (train, validation) = (names.samples(&names.train)?, names.samples(&names.validation)?);
        session::run(config, options, resume, || {
            let model = Namer::new(names.vocabulary.len());
            let sampler = Sampler::Replacement { draws: STEPS.saturating_mul(config.batch_size) };
            let train = DataLoader::builder(train).batch_size(config.batch_size).sampler(sampler).seed(config.seed);
            let rule = match config.optimizer.as_str() {
                "sgd" => Sgd { lr: config.lr, ..Sgd::default() }.into(),
                _ => config.algorithm()?,
            };
            let mut optimizer = Optimizer::new(model.named_parameters(), rule)?;
            let milestones = vec![DEFAULTS.epochs * 3 / 4];
            optimizer.set_schedule(MultiStepLR { milestones, gamma: 0.1 })?;
            Ok(Job {
                model,
                optimizer,
                train: train.build()?,
                validation: DataLoader::builder(validation).batch_size(config.batch_size.max(1024)).build()?,
                clip_grad_norm: None,
                schedule_every: Every::Epoch,
                files: vec![vocabulary_file(&names.vocabulary)?],
            })
        })
    }

    fn sample(config: &Config, run: &RunDir, count: usize) -> Written {
        let vocabulary = read_vocabulary(run)?;
        let model = Namer::new(vocabulary.len());
        load_trained(run, &model)?;
        let end = vocabulary.encode(&END.to_string())?[0];
        let mut generator = Generator::new(config.seed, 3);
        let (mut text, mut written, mut context) = (String::new(), 0, [end; CONTEXT]);
        // The last name is written to its end, unless the model knows none.
        while written < count || (context[CONTEXT - 1] != end && written < count + LONGEST) {
            let logits = no_grad(|| model.forward(&Tensor::from_slice(&context, [1, CONTEXT])))?;
            let letter = draw(&logits.value().softmax(-1).to_vec(), &mut generator) as i64;
            if letter == end {
                (text, context) = (text + "\n", [end; CONTEXT]);
                written += 1;
                continue;
            }
            text += &vocabulary.decode(&[letter])?;
            written += 1;
            context.rotate_left(1);
            context[CONTEXT - 1] = letter;
        }
        Ok(text.trim_end().to_owned())
    }
}
