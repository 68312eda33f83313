//! `TrainingStep`: all that a model must say to be trained.

use std::error::Error;

use gradus_autograd::{Var, no_grad};
use gradus_data::Batch;
use gradus_nn::{Layer, Members, Module, cross_entropy};

use crate::metrics::Metric;
use crate::metrics::accuracy::Accuracy;

/// Whatever went wrong in a model's own step.
pub type StepError = Box<dyn Error + Send + Sync>;

/// A model that knows its loss.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_data::Batch;
/// use gradus_nn::{Layer, Linear, Module, cross_entropy};
/// use gradus_trainer::{Accuracy, StepError, TrainingStep};
///
/// #[derive(Module)]
/// struct Logistic {
///     linear: Linear,
/// }
///
/// impl TrainingStep for Logistic {
///     type Batch = Batch;
///     type Metric = Accuracy;
///
///     fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
///         let logits = self.linear.forward(&Var::new(batch.inputs.clone()));
///         let loss = cross_entropy(&logits, &batch.targets)?;
///         Ok((loss, Accuracy::of(logits.value(), &batch.targets)))
///     }
/// }
/// ```
pub trait TrainingStep: Module {
    /// What the loader gives.
    type Batch;

    /// What is measured beside the loss.
    type Metric: Metric;

    /// The loss of a batch, one number with its graph, and what was measured on the way. The trainer calls `backward`.
    ///
    /// # Errors
    /// Whatever goes wrong; the trainer names epoch and batch.
    fn training_step(&self, batch: &Self::Batch) -> Result<(Var, Self::Metric), StepError>;

    /// The same for validation, where the trainer has set evaluation mode and switched recording off.
    ///
    /// # Errors
    /// Whatever goes wrong.
    fn validation_step(&self, batch: &Self::Batch) -> Result<(Var, Self::Metric), StepError> {
        no_grad(|| self.training_step(batch))
    }
}

/// A classifier of any layer that maps inputs to logits: cross-entropy and accuracy. Parameters keep the layer's names.
pub struct Classifier<L> {
    /// Maps a batch of inputs to logits `[N, C]`.
    pub layer: L,
}

impl<L: Layer> Module for Classifier<L> {
    fn members(&self, members: &mut Members) {
        self.layer.members(members);
    }
}

impl<L: Layer> TrainingStep for Classifier<L> {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        let logits = self.layer.forward(&Var::new(batch.inputs.clone()));
        let loss = cross_entropy(&logits, &batch.targets)?;
        Ok((loss, Accuracy::of(logits.value(), &batch.targets)))
    }
}
