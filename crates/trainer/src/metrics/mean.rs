//! The mean of losses over samples.

use serde::{Deserialize, Serialize};

/// A mean that weights each batch by its samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mean {
    sum: f64,
    samples: u64,
}

impl Mean {
    /// Adds a batch of `samples` with this mean.
    pub(crate) fn add(&mut self, mean: f64, samples: u64) {
        self.sum += mean * samples as f64;
        self.samples += samples;
    }

    /// Puts `other`'s samples to these.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.samples += other.samples;
    }

    /// The mean over all samples; NaN of none.
    pub(crate) fn value(&self) -> f64 {
        self.sum / self.samples as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_batch_counts_less() {
        let mut mean = Mean::default();
        mean.add(1.0, 3);
        mean.add(5.0, 1);
        assert_eq!(mean.value(), 2.0);
    }
}
