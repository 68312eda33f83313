//! Two half circles, told apart by a small MLP: micrograd's demonstration.

use std::f64::consts::PI;

use clap::Args;
use gradus_autograd::Var;
use gradus_data::{Batch, DataLoader, TensorDataset};
use gradus_nn::models::Mlp;
use gradus_nn::{Layer, Members, Module};
use gradus_optim::{LinearLR, Optimizer, Sgd};
use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;
use gradus_trainer::{Accuracy, Every, RunDir, StepError, TrainingStep};

use crate::config::{Config, Defaults};
use crate::options::Options;
use crate::recipes::{Given, Outcome, Recipe};
use crate::session::{self, Job};

/// Tell two half circles apart with a small MLP (micrograd's demonstration)
///
/// 100 points with noise 0.1, drawn from the seed, all of them in each step; 2-16-16-1 with ReLU, hinge loss and 1e-4
/// of the squared weights. Defaults: 100 epochs of one step, SGD with lr 1 falling to 0.1.
#[derive(Args)]
pub(crate) struct MoonsOptions {
    #[command(flatten)]
    options: Options,
}

const POINTS: usize = 100;
const NOISE: f64 = 0.1;
const DECAY: f32 = 1e-4;

const DEFAULTS: Defaults = Defaults { epochs: 100, batch_size: POINTS, optimizer: "sgd", lr: |_| 1.0 };

/// Points `[N, 2]` with labels 0 (upper half circle) and 1 (lower), as scikit-learn's `make_moons` lays them out.
fn moons(seed: u64) -> Result<TensorDataset, gradus_data::DataError> {
    let noise = Generator::new(seed, 0).normal::<f64>([POINTS, 2], 0.0, NOISE);
    let half = POINTS / 2;
    let point = |i: usize| {
        let angle = (i % half) as f64 / (half - 1) as f64 * PI;
        if i < half { [angle.cos(), angle.sin()] } else { [1.0 - angle.cos(), 0.5 - angle.sin()] }
    };
    let points = Tensor::from_fn([POINTS, 2], |i| (point(i / 2)[i % 2] + noise.at(&[i / 2, i % 2])) as f32);
    TensorDataset::new(points, Tensor::from_fn([POINTS], |i| i64::from(i >= half)))
}

/// Scores above 0 for label 1 and below 0 for label 0, by the hinge loss.
struct HingeClassifier {
    mlp: Mlp,
}

impl Module for HingeClassifier {
    fn members(&self, members: &mut Members) {
        self.mlp.members(members);
    }
}

impl TrainingStep for HingeClassifier {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        let scores = self.mlp.forward(&Var::new(batch.inputs.clone()));
        let signs = batch.targets.map(|label| if label == 1 { 1.0 } else { -1.0 }).reshape(scores.shape());
        let mut loss = (-(&scores * &Var::new(signs)) + 1.0).relu().mean();
        for parameter in self.parameters() {
            let weights = parameter.var();
            loss = loss + (&weights * &weights).sum() * DECAY;
        }
        // Two logits, 0 and the score, have the score's sign as their larger one.
        let score = scores.value().to_vec();
        let logits = Tensor::from_fn([score.len(), 2], |i| if i % 2 == 0 { 0.0 } else { score[i / 2] });
        Ok((loss, Accuracy::of(&logits, &batch.targets)))
    }
}

impl Recipe for MoonsOptions {
    const NAME: &'static str = "moons";

    fn given(&self) -> Given {
        let config = Config::new(&self.options, Self::NAME, &DEFAULTS, "mlp", None);
        Given { recipe: None, options: self.options.clone(), data: None, sample: None, predict: None, config }
    }

    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome {
        session::run(config, options, resume, || {
            let model = HingeClassifier { mlp: Mlp::new(&[2, 16, 16, 1]) };
            // micrograd's neurons: weights uniform in -1..1, biases 0.
            let mut generator = Generator::new(config.seed, 1);
            for parameter in model.parameters() {
                let is_bias = parameter.shape().len() == 1;
                parameter.set_value(match is_bias {
                    true => Tensor::zeros(parameter.shape()),
                    false => generator.uniform(parameter.shape(), -1.0, 1.0),
                });
            }
            let loader = || DataLoader::builder(moons(config.seed)?).batch_size(config.batch_size).build();
            let rule = match config.optimizer.as_str() {
                "sgd" => Sgd { lr: config.lr, ..Sgd::default() }.into(),
                _ => config.algorithm()?,
            };
            let mut optimizer = Optimizer::new(model.named_parameters(), rule)?;
            optimizer.set_schedule(LinearLR { start_factor: 1.0, end_factor: 0.1, total_iters: DEFAULTS.epochs })?;
            let (train, validation) = (loader()?, loader()?);
            let schedule_every = Every::Epoch;
            Ok(Job { model, optimizer, train, validation, clip_grad_norm: None, schedule_every, files: Vec::new() })
        })
    }
}
