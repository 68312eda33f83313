//! The batch loop, owned: [`Trainer::fit`] with validation, checkpoints, metrics and progress around it.
//!
//! ```
//! use gradus_data::{DataLoader, digits, random_split};
//! use gradus_nn::{Module, models::Mlp};
//! use gradus_optim::{Adam, Optimizer};
//! use gradus_trainer::{Classifier, Trainer};
//!
//! let [train, validation] = random_split(digits()?, [0.8, 0.2], 0)?;
//! let train_loader = DataLoader::builder(train).batch_size(64).shuffle(true).build()?;
//! let validation_loader = DataLoader::builder(validation).batch_size(256).build()?;
//! let model = Classifier { layer: Mlp::new(&[64, 32, 10]) };
//! let mut optimizer = Optimizer::new(model.named_parameters(), Adam { lr: 5e-3, ..Adam::default() })?;
//!
//! let mut trainer = Trainer::builder().epochs(5).build();
//! let fit = trainer.fit(&model, &mut optimizer, &train_loader, Some(&validation_loader))?;
//! assert!(fit.epochs[4].val_metric > Some(0.8)); // accuracy
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With [`TrainerBuilder::run_dir`] the run writes metrics and checkpoints, and [`TrainerBuilder::resume`] goes on from
//! them to the same bits. The loop can be written out by hand as well: see the README, or the example `training_loop`.
#![forbid(unsafe_code)]

mod builder;
pub mod callbacks;
pub mod checkpoint;
mod error;
mod fit;
mod fit_error;
mod memory;
mod metrics;
mod monitor;
mod origin;
mod outcome;
mod profile_table;
pub mod progress;
mod run;
mod run_dir;
mod saving;
mod settings;
mod state;
mod step;
pub mod trackers;
mod trainer;
mod update_batch_norm;
mod validate;

pub use builder::TrainerBuilder;
pub use error::{FileError, Operation};
pub use fit_error::FitError;
pub use memory::peak_rss_bytes;
pub use metrics::Metric;
pub use metrics::accuracy::Accuracy;
pub use monitor::Monitor;
pub use outcome::{EpochRecord, Fit, Outcome, ValidationRecord};
pub use profile_table::profile_table;
pub use run_dir::{RunDir, RunDirError, Summary};
pub use settings::{Every, ValidateEvery};
pub use step::{Classifier, PredictStep, StepError, TrainingStep};
pub use trainer::Trainer;
pub use update_batch_norm::update_batch_norm;
pub use validate::{Validation, validate};

/// The README's Rust examples, as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The Rust examples of docs/trackers.md, as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/trackers.md")]
struct TrackersGuide;
