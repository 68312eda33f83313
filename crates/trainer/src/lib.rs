//! The batch loop, owned: [`Trainer::fit`] with validation, checkpoints, metrics and progress around it.
//!
//! The loop itself is PyTorch's, and can be written out by hand as well:
//!
//! ```
//! # use gradus_data::{DataLoader, digits};
//! # use gradus_nn::{Module, models::Mlp};
//! # use gradus_optim::{Adam, Optimizer};
//! # use gradus_trainer::{Classifier, TrainingStep, trackers::Trackers};
//! # let model = Classifier { layer: Mlp::new(&[64, 32, 10]) };
//! # let mut optimizer = Optimizer::new(model.named_parameters(), Adam::default())?;
//! # let train_loader = DataLoader::builder(digits()?).batch_size(64).shuffle(true).build()?;
//! # let mut tracker = Trackers::none();
//! # let (mut train_losses, mut train_accs, mut step) = (Vec::new(), Vec::new(), 0);
//! for batch in &train_loader {
//!     let (train_loss, train_acc) = model.training_step(&batch?)?;
//!     tracker.log_metric("train_batch_loss", train_loss.item(), step)?;
//!     train_losses.push(train_loss.item());
//!     train_accs.push(train_acc);
//!
//!     train_loss.backward()?;     // adds d(loss)/d(parameter) to every parameter's .grad()
//!     optimizer.step()?;          // reads .grad(), updates the parameters; computes no gradient itself
//!     optimizer.zero_grad();      // or the next batch's gradients would be added to these
//!     # step += 1;
//! }
//! # assert_eq!(train_losses.len(), train_loader.len());
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```
#![forbid(unsafe_code)]

pub mod checkpoint;
mod error;
mod fit;
mod fit_error;
mod memory;
mod metrics;
pub mod progress;
mod run_dir;
mod state;
mod step;
pub mod trackers;
mod trainer;
mod validate;

pub use error::{FileError, Operation};
pub use fit::{Fit, Outcome};
pub use fit_error::FitError;
pub use memory::peak_rss_bytes;
pub use metrics::Metric;
pub use metrics::accuracy::Accuracy;
pub use run_dir::{RunDir, RunDirError, Summary};
pub use state::EpochRecord;
pub use step::{Classifier, StepError, TrainingStep};
pub use trainer::{Trainer, TrainerBuilder};
pub use validate::{Validation, validate};

/// The README's Rust examples, as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
