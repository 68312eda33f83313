//! Parts of images pasted into others.

use gradus_tensor::random::Generator;

use crate::dataset::Batch;
use crate::error::DataError;
use crate::transforms::mixed::{BatchTransform, SoftBatch, beta, blend_with_previous};
use crate::transforms::one_hot::one_hot;

/// A rectangle of each image replaced by that of the one before it in the batch, and targets blended by the share that
/// stays (torchvision's `CutMix`; S. Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers", 2019).
///
/// With `l` from `Beta(alpha, alpha)` the rectangle has `sqrt(1 - l)` of height and width, around a random pixel; at
/// the edges it is what lies inside.
#[derive(Clone, Debug, PartialEq)]
pub struct CutMix {
    alpha: f64,
    classes: usize,
}

impl CutMix {
    /// `alpha` 1 in the paper and in torchvision.
    ///
    /// # Panics
    /// If `alpha` is not above 0.
    #[track_caller]
    pub fn new(alpha: f64, classes: usize) -> Self {
        assert!(alpha.is_finite() && alpha > 0.0, "CutMix: alpha {alpha}; give a number above 0");
        Self { alpha, classes }
    }
}

impl BatchTransform for CutMix {
    fn apply(&self, batch: Batch, random: &mut Generator) -> Result<SoftBatch, DataError> {
        let &[n, _, height, width] = batch.inputs.shape() else {
            let shape = format!("{:?}", batch.inputs.shape());
            return Err(DataError::Shape { what: "inputs", shape, expected: "[B, C, H, W]" });
        };
        let half = 0.5 * (1.0 - beta(random, self.alpha)).sqrt();
        let mut part = |length: usize| {
            let (middle, half) = (random.below(length.max(1) as u64) as usize, (half * length as f64) as usize);
            middle.saturating_sub(half)..(middle + half).min(length)
        };
        let (columns, rows) = (part(width), part(height));
        let share = 1.0 - (columns.len() * rows.len()) as f64 / (width * height).max(1) as f64;
        let old = batch.inputs.contiguous();
        let mut inputs = old.clone();
        let old = old.as_slice().expect("made contiguous");
        let (image, plane) = (old.len() / n.max(1), (height * width).max(1));
        for (at, out) in inputs.as_mut_slice().chunks_exact_mut(plane).enumerate() {
            let start = (at * plane + old.len() - image) % old.len();
            for row in rows.clone() {
                let place = row * width + columns.start..row * width + columns.end;
                out[place.clone()].copy_from_slice(&old[start..][place]);
            }
        }
        Ok(SoftBatch { inputs, targets: blend_with_previous(&one_hot(&batch.targets, self.classes)?, share) })
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;

    #[test]
    fn the_share_of_pixels_that_stay_is_the_share_of_the_target() {
        let (n, c, h, w) = (3, 2, 7, 5);
        for seed in 0..50 {
            let inputs = Tensor::from_fn([n, c, h, w], |i| (i / (c * h * w)) as f32);
            let mixed =
                CutMix::new(1.0, n).apply(Batch { inputs, targets: Tensor::arange(n) }, &mut Generator::new(seed, 0));
            let mixed = mixed.unwrap();
            for (i, image) in mixed.inputs.to_vec().chunks(c * h * w).enumerate() {
                let share = |class: usize| image.iter().filter(|&&x| x == class as f32).count() as f32 / 70.0;
                for class in 0..n {
                    assert!((mixed.targets.at(&[i, class]) - share(class)).abs() < 1e-6, "{seed} {i} {class}");
                }
            }
        }
        let flat = Batch { inputs: Tensor::zeros([2, 4]), targets: Tensor::zeros([2]) };
        assert!(CutMix::new(1.0, 2).apply(flat, &mut Generator::new(0, 0)).is_err());
    }
}
