//! Samples blended with each other.

use gradus_tensor::random::Generator;

use crate::dataset::Batch;
use crate::error::DataError;
use crate::transforms::mixed::{BatchTransform, SoftBatch, beta, blend_with_previous};
use crate::transforms::one_hot::one_hot;

/// Each sample blended with the one before it in the batch: inputs and one-hot targets become `l a + (1 - l) b`, with
/// one `l` from `Beta(alpha, alpha)` a batch (torchvision's `MixUp`; H. Zhang et al., "mixup: Beyond Empirical Risk
/// Minimization", 2018).
#[derive(Clone, Debug, PartialEq)]
pub struct MixUp {
    alpha: f64,
    classes: usize,
}

impl MixUp {
    /// `alpha` 0.1 to 0.4 in the paper, torchvision's default 1.
    ///
    /// # Panics
    /// If `alpha` is not above 0.
    #[track_caller]
    pub fn new(alpha: f64, classes: usize) -> Self {
        assert!(alpha.is_finite() && alpha > 0.0, "MixUp: alpha {alpha}; give a number above 0");
        Self { alpha, classes }
    }
}

impl BatchTransform for MixUp {
    fn apply(&self, batch: Batch, random: &mut Generator) -> Result<SoftBatch, DataError> {
        let share = beta(random, self.alpha);
        let inputs = blend_with_previous(&batch.inputs, share);
        Ok(SoftBatch { inputs, targets: blend_with_previous(&one_hot(&batch.targets, self.classes)?, share) })
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;

    #[test]
    fn inputs_and_targets_are_blended_by_the_same_share() {
        let batch = Batch { inputs: Tensor::from_vec(vec![0.0, 1.0, 2.0], [3, 1]), targets: Tensor::arange(3) };
        let mixed = MixUp::new(1.0, 4).apply(batch, &mut Generator::new(5, 0)).unwrap();
        let share = mixed.targets.at(&[0, 0]);
        assert!(share > 0.0 && share < 1.0);
        let want = [share, 0., 1. - share, 0., 1. - share, share, 0., 0., 0., 1. - share, share, 0.];
        let close = |got: Vec<f32>, want: &[f32]| got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-6);
        assert!(close(mixed.targets.to_vec(), &want));
        assert!(close(mixed.inputs.to_vec(), &[2. * (1. - share), share, 2. * share + 1. - share]));
    }
}
