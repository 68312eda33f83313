//! `TrainingStep`: all that a model must say to be trained.

use std::error::Error;

use gradus_autograd::{Var, no_grad};
use gradus_data::Batch;
use gradus_nn::{Layer, Members, Module, cross_entropy};
use gradus_tensor::Tensor;

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

    /// How much the batch weighs among others, when losses are averaged and gradients of several batches become one
    /// step: as many as its loss is a mean over. Without code of its own, the metric's samples; a language model whose
    /// metric counts texts gives its tokens.
    fn weight(&self, _batch: &Self::Batch, metric: &Self::Metric) -> u64 {
        metric.samples()
    }

    /// The same for validation, where the trainer has set evaluation mode and switched recording off.
    ///
    /// # Errors
    /// Whatever goes wrong.
    fn validation_step(&self, batch: &Self::Batch) -> Result<(Var, Self::Metric), StepError> {
        no_grad(|| self.training_step(batch))
    }
}

/// A model that says what it makes of a batch: for [`Trainer::predict`](crate::Trainer::predict).
pub trait PredictStep: Module {
    /// What the loader gives.
    type Batch;

    /// What the model makes of a batch.
    type Prediction;

    /// What the model makes of `batch`. The trainer has set evaluation mode and switched recording off.
    ///
    /// # Errors
    /// Whatever goes wrong; the trainer names the batch.
    fn predict_step(&self, batch: &Self::Batch) -> Result<Self::Prediction, StepError>;
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

/// Probabilities `[N, C]`.
impl<L: Layer> PredictStep for Classifier<L> {
    type Batch = Batch;
    type Prediction = Tensor;

    fn predict_step(&self, batch: &Batch) -> Result<Tensor, StepError> {
        Ok(self.layer.forward(&Var::new(batch.inputs.clone())).softmax(-1).into_value())
    }
}
