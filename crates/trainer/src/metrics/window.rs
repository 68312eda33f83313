//! What the batches of one optimizer step came to.

use crate::metrics::Metric;
use crate::metrics::mean::Mean;

/// Loss and metric of the batches since the last step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window<M> {
    pub(crate) batches: usize,
    /// Those of them that have a loss to learn from.
    learned: usize,
    pub(crate) loss: Mean,
    pub(crate) metric: M,
}

impl<M: Metric> Window<M> {
    /// Whether there is no batch with a loss to learn from.
    pub(crate) fn is_empty(&self) -> bool {
        self.learned == 0
    }

    /// Adds a batch whose loss has this weight.
    pub(crate) fn add(&mut self, loss: f64, weight: u64, metric: &M) {
        self.batches += 1;
        self.learned += 1;
        self.loss.add(loss, weight);
        self.metric.merge(metric);
    }
}
