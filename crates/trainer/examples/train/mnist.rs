//! MNIST from its IDX files, with an MLP or the convolutional network of PyTorch's example.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gradus_data::Mnist;
use gradus_nn::models::{Mlp, MnistCnn};
use gradus_optim::StepLR;
use gradus_trainer::RunDir;

use crate::config::{Config, Defaults};
use crate::options::Options;
use crate::recipes::{Given, Outcome, Recipe, data_of};
use crate::session;

/// Classify 28x28 handwritten digits, read from the MNIST files
///
/// Trains on the 60,000 training images and validates on the 10,000 test images, in batches of 64. Defaults of the cnn
/// are those of PyTorch's example: 14 epochs, Adadelta with lr 1, 0.7 of that after each epoch. Defaults of the mlp: 3
/// epochs, AdamW with lr 0.001 (sgd: 0.01, adadelta: 1).
#[derive(Args)]
pub(crate) struct MnistOptions {
    /// Folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte,
    /// each plain or .gz
    #[arg(long, value_name = "DIR", required_unless_present = "resume")]
    data: Option<PathBuf>,

    /// Model to train
    #[arg(long, value_enum, default_value_t = Model::Cnn, conflicts_with = "resume")]
    model: Model,

    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Copy, ValueEnum)]
enum Model {
    /// Two convolutions and two linear layers (PyTorch's examples/mnist)
    Cnn,
    /// Two hidden layers of 512 and 256: faster, and less accurate
    Mlp,
}

const MLP: Defaults = Defaults { epochs: 3, batch_size: 64, optimizer: "adamw", lr };
const CNN: Defaults = Defaults { epochs: 14, batch_size: 64, optimizer: "adadelta", lr };

fn lr(optimizer: &str) -> f64 {
    match optimizer {
        "sgd" => 0.01,
        "adadelta" => 1.0,
        _ => 0.001,
    }
}

impl Recipe for MnistOptions {
    const NAME: &'static str = "mnist";

    fn given(&self) -> Given {
        let (model, defaults) = match self.model {
            Model::Mlp => ("mlp", MLP),
            Model::Cnn => ("cnn", CNN),
        };
        let config = Config::new(&self.options, Self::NAME, &defaults, model, self.data.clone());
        Given {
            recipe: None,
            options: self.options.clone(),
            data: self.data.clone(),
            sample: None,
            predict: None,
            config,
        }
    }

    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome {
        let data = data_of(config)?;
        let Mnist { train, test } = Mnist::load(data)?;
        let mlp = || Mlp::with_dropout(&[784, 512, 256, 10], 0.2);
        match config.model.as_str() {
            "cnn" => {
                let schedule = (config.optimizer == "adadelta").then_some(StepLR { step_size: 1, gamma: 0.7 });
                session::classify(config, options, resume, MnistCnn::new, (train, test), schedule)
            }
            "mlp" => session::classify(config, options, resume, mlp, (train, test), None),
            other => Err(format!("config.toml names the model {other}; this recipe has mlp and cnn").into()),
        }
    }
}
