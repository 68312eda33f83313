//! What recipes for language models share: a text as tokens, the training step, and writing text.

use std::error::Error;
use std::path::Path;

use gradus_autograd::{Var, no_grad};
use gradus_data::{CharVocabulary, DataLoader, Sampler, TokenBatch, TokenWindows, read_text};
use gradus_nn::models::{CharLstm, Gpt};
use gradus_nn::{Members, Module, StateDict, cross_entropy};
use gradus_tensor::random::Generator;
use gradus_tensor::{IndexError, Tensor};
use gradus_trainer::{Accuracy, RunDir, StepError, TrainingStep};

use crate::config::Config;
use crate::recipes::{Written, data_of};

/// The file of a run folder that holds the vocabulary.
const VOCABULARY: &str = "vocabulary.json";

/// A model that gives for each token the logits of the next: `[B, T] -> [B, T, V]`.
pub(crate) trait NextToken: Module {
    fn logits(&self, tokens: &Tensor<i64>) -> Result<Var, IndexError>;
}

impl NextToken for Gpt {
    fn logits(&self, tokens: &Tensor<i64>) -> Result<Var, IndexError> {
        self.forward(tokens)
    }
}

impl NextToken for CharLstm {
    fn logits(&self, tokens: &Tensor<i64>) -> Result<Var, IndexError> {
        self.forward(tokens)
    }
}

/// Training by the cross-entropy of each next token. Parameters keep the model's names.
pub(crate) struct LanguageModel<M>(pub(crate) M);

impl<M: NextToken> Module for LanguageModel<M> {
    fn members(&self, members: &mut Members) {
        self.0.members(members);
    }
}

impl<M: NextToken> TrainingStep for LanguageModel<M> {
    type Batch = TokenBatch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &TokenBatch) -> Result<(Var, Accuracy), StepError> {
        let logits = self.0.logits(&batch.inputs)?;
        let (tokens, vocabulary) = (batch.targets.numel(), logits.shape()[2]);
        let (logits, targets) = (logits.reshape([tokens, vocabulary]), batch.targets.reshape([tokens]));
        Ok((cross_entropy(&logits, &targets)?, Accuracy::of(logits.value(), &targets)))
    }
}

/// A text cut in two: the first nine tenths to train on, the rest to validate on, as nanoGPT does.
pub(crate) struct Text {
    pub(crate) vocabulary: CharVocabulary,
    train: Vec<i64>,
    validation: Vec<i64>,
}

/// The loaders of windows to train on and to validate on.
type Loaders = (DataLoader<TokenWindows>, DataLoader<TokenWindows>);

impl Text {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let text = read_text(path)?;
        let vocabulary = CharVocabulary::of(&text);
        let mut train = vocabulary.encode(&text)?;
        let validation = train.split_off(train.len() / 10 * 9 + train.len() % 10 * 9 / 10);
        Ok(Self { vocabulary, train, validation })
    }

    /// Epochs of `steps` batches of windows that begin anywhere; each token of the rest once to validate.
    pub(crate) fn loaders(self, config: &Config, block_size: usize, steps: usize) -> Result<Loaders, Box<dyn Error>> {
        let sampler = Sampler::Replacement { draws: steps.saturating_mul(config.batch_size) };
        let file = data_of(config)?.display();
        let windows = |tokens| TokenWindows::new(tokens, block_size).map_err(|error| format!("{file}: {error}"));
        let train = DataLoader::builder(windows(self.train)?);
        let validation = DataLoader::builder(windows(self.validation)?.side_by_side());
        Ok((
            train.batch_size(config.batch_size).sampler(sampler).seed(config.seed).build()?,
            validation.batch_size(config.batch_size.max(64)).build()?,
        ))
    }
}

/// The file that [`read_vocabulary`] reads.
pub(crate) fn vocabulary_file(vocabulary: &CharVocabulary) -> Result<(&'static str, Vec<u8>), Box<dyn Error>> {
    Ok((VOCABULARY, serde_json::to_vec(vocabulary)?))
}

/// The vocabulary of a run.
pub(crate) fn read_vocabulary(run: &RunDir) -> Result<CharVocabulary, Box<dyn Error>> {
    let path = run.path().join(VOCABULARY);
    let text = read_text(&path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}; train again", path.display()).into())
}

/// Loads what the run has trained into `model`, and sets it to evaluation.
pub(crate) fn load_trained(run: &RunDir, model: &impl Module) -> Result<(), Box<dyn Error>> {
    let path = run.model();
    let bytes = std::fs::read(&path)
        .map_err(|error| format!("{}: {error}; finish training before sampling", path.display()))?;
    StateDict::from_safetensors(&bytes)?.load_into(model)?;
    model.eval();
    Ok(())
}

/// `count` characters that follow a line break, each drawn by what the trained model of `run` expects after the last
/// `block_size`.
pub(crate) fn sample(run: &RunDir, model: &impl NextToken, (block_size, count, seed): (usize, usize, u64)) -> Written {
    load_trained(run, model)?;
    let vocabulary = read_vocabulary(run)?;
    let mut tokens = vocabulary.encode("\n").unwrap_or_else(|_| vec![0]);
    let mut generator = Generator::new(seed, 0);
    for _ in 0..count {
        let last = tokens[tokens.len().saturating_sub(block_size)..].to_vec();
        let shape = [1, last.len()];
        let logits = no_grad(|| model.logits(&Tensor::from_vec(last, shape)))?;
        let weights = logits.value().select(1, shape[1] - 1).softmax(-1).to_vec();
        tokens.push(draw(&weights, &mut generator) as i64);
    }
    Ok(vocabulary.decode(&tokens[1..])?)
}

/// A place drawn with these probabilities.
pub(crate) fn draw(probabilities: &[f32], generator: &mut Generator) -> usize {
    let mut rest = generator.uniform::<f32>([1], 0.0, 1.0).item();
    let place = probabilities.iter().position(|p| {
        rest -= p;
        rest < 0.0
    });
    // Rounding may leave a rest that no probability takes.
    place.unwrap_or(probabilities.len() - 1)
}
