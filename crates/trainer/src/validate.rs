//! Validation: loss and metric over a loader, without a trace in the model.

use gradus_autograd::no_grad;
use gradus_data::{DataLoader, Dataset};

use crate::fit_error::FitError;
use crate::metrics::Metric;
use crate::metrics::mean::Mean;
use crate::step::TrainingStep;

/// What validation measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation<M> {
    /// The mean loss over samples.
    pub loss: f64,
    /// The metric over samples.
    pub metric: M,
}

/// Loss and metric of `model` on everything that `loader` gives, in evaluation mode, without recording; each layer gets
/// its mode back.
///
/// # Errors
/// If a batch cannot be read or the model's step fails.
pub fn validate<M, V>(model: &M, loader: &DataLoader<V>) -> Result<Validation<M::Metric>, FitError>
where
    M: TrainingStep,
    V: Dataset<Batch = M::Batch>,
{
    validate_until(model, loader, usize::MAX, || false).map(|validated| validated.expect("nothing asked it to stop"))
}

/// [`validate`] on at most so many batches, or `None` where `stopped` says so between two of them.
pub(crate) fn validate_until<M, V>(
    model: &M,
    loader: &DataLoader<V>,
    batches: usize,
    stopped: impl Fn() -> bool,
) -> Result<Option<Validation<M::Metric>>, FitError>
where
    M: TrainingStep,
    V: Dataset<Batch = M::Batch>,
{
    let _span = tracing::info_span!("validation").entered();
    let _eval = model.eval_guard();
    let (mut loss, mut metric) = (Mean::default(), M::Metric::default());
    for (index, batch) in loader.iter().take(batches).enumerate() {
        if stopped() {
            return Ok(None);
        }
        let batch = batch?;
        let (batch_loss, batch_metric) = no_grad(|| model.validation_step(&batch))
            .map_err(|error| FitError::ValidationStep { batch: index + 1, error })?;
        loss.add(f64::from(batch_loss.item()), model.weight(&batch, &batch_metric));
        metric.merge(&batch_metric);
    }
    Ok(Some(Validation { loss: loss.value(), metric }))
}
