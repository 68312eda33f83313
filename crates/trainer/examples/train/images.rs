//! Photographs in a folder for each class, with a residual network.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgAction, Args};
use gradus_data::{
    Compose, DataLoader, Dataset, Epoch, ImageFolder, ImageFolderOptions, ImageSource, Normalize, RandomCrop,
    RandomHorizontalFlip, Subset, Transformed,
};
use gradus_nn::Module;
use gradus_nn::models::ResNet20;
use gradus_optim::Optimizer;
use gradus_tensor::parallel;
use gradus_tensor::random::Generator;
use gradus_trainer::{Classifier, Every, RunDir};
use serde::{Deserialize, Serialize};

use crate::config::{Config, Defaults, ImageConfig};
use crate::image_results::{self, Confusion};
use crate::language::load_trained;
use crate::options::Options;
use crate::recipes::{Given, Outcome, Predict, Predicted, Recipe, data_of};
use crate::session::{self, Job};

/// Classify images: PNG and JPEG in a folder for each class
///
/// A residual network (ResNet-20) of the images brought to one size. A fifth of each class is held out to validate on.
/// While training, images are flipped left to right and moved by up to an eighth at random. Defaults: 20 epochs,
/// batches of 32, AdamW with lr 0.001 (sgd: 0.05, adadelta: 1).
#[derive(Args)]
pub(crate) struct ImagesOptions {
    /// Folder that holds a folder of images for each class
    #[arg(long, value_name = "DIR", required_unless_present_any = ["resume", "predict"])]
    data: Option<PathBuf>,

    /// Height and width that all images are brought to, as 64 or 48x64 [default: all must have the first image's]
    #[arg(long, value_name = "N|HxW", value_parser = parse_size, conflicts_with = "resume")]
    size: Option<[usize; 2]>,

    /// Train on the images as they are
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "resume")]
    no_augment: bool,

    /// Write predictions.csv into the run's folder, a line for each image of this folder or file, instead of training
    #[arg(long, value_name = "PATH", requires = "run", conflicts_with_all = ["data", "resume"])]
    predict: Option<PathBuf>,

    /// The finished run that predicts
    #[arg(long, value_name = "DIR", requires = "predict")]
    run: Option<PathBuf>,

    #[command(flatten)]
    options: Options,
}

const DEFAULTS: Defaults = Defaults {
    epochs: 20,
    batch_size: 32,
    optimizer: "adamw",
    lr: |optimizer| match optimizer {
        "sgd" => 0.05,
        "adadelta" => 1.0,
        _ => 0.001,
    },
};

/// The run's file that [`Classes`] lie in.
const CLASSES: &str = "classes.json";

/// Channels are normalised by the first images of the training part, at most this many.
const MEASURED: usize = 1000;

/// What a trained model needs to be given images, and to name what it says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Classes {
    pub(crate) classes: Vec<String>,
    size: [usize; 2],
    mean: [f32; 3],
    std: [f32; 3],
}

/// The images of a folder: those to train on, and those to validate on.
struct Parts {
    classes: Classes,
    train: Subset<ImageFolder>,
    validation: Subset<ImageFolder>,
}

impl Recipe for ImagesOptions {
    const NAME: &'static str = "images";

    fn given(&self) -> Given {
        let mut config = Config::new(&self.options, Self::NAME, &DEFAULTS, "resnet20", self.data.clone());
        config.images = Some(ImageConfig { size: self.size, augment: !self.no_augment });
        let predict = self.predict.clone().zip(self.run.clone()).map(|(input, run)| Predict { input, run });
        let (options, data) = (self.options.clone(), self.data.clone());
        Given { recipe: None, options, data, sample: None, predict, config }
    }

    fn train(config: &Config, options: &Options, resume: Option<RunDir>) -> Outcome {
        if config.model != "resnet20" {
            return Err(format!("config.toml names the model {}; this recipe has resnet20", config.model).into());
        }
        let Some(images) = config.images else {
            return Err("the run's config.toml has no part images; start the run again".into());
        };
        let Parts { classes, train, validation } = read(data_of(config)?, images.size, config.seed)?;
        let files = vec![(CLASSES, serde_json::to_vec(&classes)?)];
        let validation = Arc::new(validation.transformed(classes.normalize())?);
        let train = train.transformed(classes.augmentation(images.augment))?;
        let ended = session::run(config, options, resume, || {
            let model = classes.model();
            let optimizer = Optimizer::new(model.named_parameters(), config.algorithm()?)?;
            let train = DataLoader::builder(train).batch_size(config.batch_size).shuffle(true).seed(config.seed);
            let validation = DataLoader::builder(validation.clone()).batch_size(config.batch_size.max(64));
            Ok(Job {
                model,
                optimizer,
                train: train.build()?,
                validation: validation.build()?,
                clip_grad_norm: None,
                schedule_every: Every::Epoch,
                files,
            })
        })?;
        if ended.run.model().is_file() {
            let confusion = confusion(&classes, &ended.run, &validation)?;
            ended.run.write_atomically("confusion.csv", confusion.csv()?.as_bytes())?;
            if !options.quiet {
                session::say(&confusion);
            }
        }
        Ok(ended)
    }

    fn predict(_: &Config, options: &Options, run: &RunDir, input: &Path) -> Predicted {
        parallel::set_threads(options.threads.unwrap_or(0).into())?;
        let path = run.path().join(CLASSES);
        let text = gradus_data::read_text(&path)?;
        let classes: Classes =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}; train again", path.display()))?;
        let folder_options = ImageFolderOptions { size: Some(classes.size), ..Default::default() };
        let images = ImageFolder::without_classes(input, folder_options)?;
        let model = classes.model();
        load_trained(run, &model)?;
        let images = images.transformed(classes.normalize())?;
        let table = image_results::predictions(&model.layer, &images, &classes.classes, input)?;
        run.write_atomically("predictions.csv", table.as_bytes())?;
        Ok(format!("{} predictions are in {}", images.len(), run.path().join("predictions.csv").display()))
    }
}

impl Classes {
    fn model(&self) -> Classifier<ResNet20> {
        Classifier { layer: ResNet20::with_sizes(3, self.classes.len()) }
    }

    fn normalize(&self) -> Normalize {
        Normalize::new(&self.mean, &self.std)
    }

    fn augmentation(&self, augment: bool) -> Compose {
        if !augment {
            return Compose::new().then(self.normalize());
        }
        let [height, width] = self.size;
        // What a crop adds is the mean, which is 0 then.
        let crop = RandomCrop::new(height, width).padding(height.min(width) / 8);
        Compose::new().then(self.normalize()).then(RandomHorizontalFlip::new(0.5)).then(crop)
    }
}

/// The images below `folder`, a fifth of each class held out.
fn read(folder: &Path, size: Option<[usize; 2]>, seed: u64) -> Result<Parts, Box<dyn Error>> {
    let images = Arc::new(ImageFolder::open(folder, ImageFolderOptions { size, ..Default::default() })?);
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for label in 0..images.classes().len() {
        let own: Vec<usize> = (0..images.len()).filter(|&i| images.labels()[i] == label as i64).collect();
        if own.len() < 2 {
            let class = &images.classes()[label];
            return Err(format!(
                "{}: class {class} has 1 image, to train on or to validate on; add some",
                folder.display()
            )
            .into());
        }
        let order = Generator::new(seed, label as u64).permutation(own.len());
        let held_out = (own.len() / 5).max(1);
        validation.extend(order[..held_out].iter().map(|&i| own[i]));
        train.extend(order[held_out..].iter().map(|&i| own[i]));
    }
    let [_, height, width] = images.image_shape();
    let (mean, std) = moments(&images, &train)?;
    let classes = Classes { classes: images.classes().to_vec(), size: [height, width], mean, std };
    let part = |indices| Subset::new(images.clone(), indices);
    Ok(Parts { classes, train: part(train)?, validation: part(validation)? })
}

/// Mean and standard deviation of each channel.
fn moments(images: &ImageFolder, samples: &[usize]) -> Result<([f32; 3], [f32; 3]), Box<dyn Error>> {
    let plane = images.image_shape()[1] * images.image_shape()[2];
    let mut sums = [[0.0f64; 2]; 3];
    // One of as many, so that all classes are among them.
    let step = samples.len().div_ceil(MEASURED);
    let measured: Vec<usize> = samples.iter().step_by(step).copied().collect();
    for &sample in &measured {
        let batch = images.get_batch(&[sample], Epoch::default())?;
        let pixels = batch.inputs.to_vec();
        for (sums, channel) in sums.iter_mut().zip(pixels.chunks_exact(plane)) {
            sums[0] += channel.iter().map(|&x| f64::from(x)).sum::<f64>();
            sums[1] += channel.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        }
    }
    let n = (measured.len() * plane) as f64;
    let mean = sums.map(|[sum, _]| sum / n);
    let variance: [f64; 3] = std::array::from_fn(|i| sums[i][1] / n - mean[i] * mean[i]);
    // A channel that is the same everywhere has nothing to divide by.
    Ok((mean.map(|x| x as f32), variance.map(|x| if x > 1e-8 { x.sqrt() as f32 } else { 1.0 })))
}

/// What the trained model of `run` says of the images held out.
fn confusion(
    classes: &Classes,
    run: &RunDir,
    validation: &Transformed<Subset<ImageFolder>, Normalize>,
) -> Result<Confusion, Box<dyn Error>> {
    let model = classes.model();
    load_trained(run, &model)?;
    Confusion::of(&model.layer, validation, &classes.classes)
}

fn parse_size(text: &str) -> Result<[usize; 2], String> {
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    let side = |text: &str| text.parse().ok().filter(|side| (4..=4096).contains(side));
    match (side(height), side(width)) {
        (Some(height), Some(width)) => Ok([height, width]),
        _ => Err("give a side, or height x width, each from 4 to 4096: 64 or 48x64".to_owned()),
    }
}
