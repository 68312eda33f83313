//! Running statistics of channels.

use gradus_tensor::{ChannelMoments, Float, Tensor};

use crate::buffer::{Buffer, Counter};

/// Mean and variance of each channel over the batches so far, and how many those were.
#[derive(Debug, crate::Module)]
pub(crate) struct RunningStats<T: Float> {
    pub(crate) running_mean: Buffer<T>,
    pub(crate) running_var: Buffer<T>,
    pub(crate) num_batches_tracked: Counter,
}

impl<T: Float> RunningStats<T> {
    /// Mean 0 and variance 1.
    pub(crate) fn new(num_features: usize) -> Self {
        Self {
            running_mean: Buffer::new(Tensor::zeros([num_features])),
            running_var: Buffer::new(Tensor::ones([num_features])),
            num_batches_tracked: Counter::new(),
        }
    }

    /// What evaluation normalises by.
    pub(crate) fn moments(&self) -> ChannelMoments<T> {
        ChannelMoments { mean: self.running_mean.value(), variance: self.running_var.value() }
    }

    /// Moves the statistics towards `moments`, each taken over `count` numbers, by the share `momentum`.
    pub(crate) fn track(&self, moments: &ChannelMoments<T>, count: f64, momentum: f64) {
        let step = |running: &Buffer<T>, of_batch: &Tensor<T>, factor: f64| {
            let (keep, add) = (T::from_f64(1.0 - momentum), T::from_f64(momentum * factor));
            running
                .set_value(running.value().zip_map(of_batch, "running statistics", |old, new| keep * old + add * new));
        };
        step(&self.running_mean, &moments.mean, 1.0);
        // The running variance is that of the population, estimated from a sample.
        step(&self.running_var, &moments.variance, count / (count - 1.0));
    }
}
