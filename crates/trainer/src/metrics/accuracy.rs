//! The fraction of samples whose class was found.

use gradus_tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::metrics::Metric;

/// Samples whose largest logit is their label's, of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuracy {
    correct: u64,
    samples: u64,
}

impl Accuracy {
    /// Of logits `[N, C]` against labels `[N]`. Of equal logits the first counts, as `argmax` has it.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn of(logits: &Tensor, targets: &Tensor<i64>) -> Self {
        let correct = logits.argmax(-1).eq(targets).count();
        Self { correct: correct as u64, samples: targets.numel() as u64 }
    }
}

impl Metric for Accuracy {
    const NAME: &'static str = "accuracy";

    fn samples(&self) -> u64 {
        self.samples
    }

    fn value(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.correct as f64 / self.samples as f64)
    }

    fn merge(&mut self, other: &Self) {
        self.correct += other.correct;
        self.samples += other.samples;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_count_by_their_samples() {
        let logits = Tensor::from_vec(vec![0.0, 1.0, 2.0, -1.0, 3.0, 0.0], [3, 2]);
        let mut accuracy = Accuracy::of(&logits, &Tensor::from_vec(vec![1, 0, 0], [3]));
        assert_eq!(accuracy.value(), Some(1.0));
        accuracy.merge(&Accuracy::of(&logits.slice(0, 0..1), &Tensor::from_vec(vec![0], [1])));
        assert_eq!(accuracy.value(), Some(0.75), "not the mean of 1 and 0");
        assert_eq!(Accuracy::default().value(), None);
    }
}
