//! Batches mixed within themselves, with distributions over the classes as targets.

use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;

use crate::dataset::{Batch, Dataset, Epoch};
use crate::error::DataError;
use crate::transforms::uniform;

/// Where the numbers of a batch begin in the stream of its first sample, far beyond those of the sample itself.
const BATCH_DRAWS: u64 = 1 << 40;

/// Inputs and the distributions over classes that they belong to: `B` samples, `K` classes.
#[derive(Clone, Debug, PartialEq)]
pub struct SoftBatch {
    /// Inputs `[B, ...]`.
    pub inputs: Tensor<f32>,
    /// The share of each class `[B, K]`; rows add up to 1.
    pub targets: Tensor<f32>,
}

/// Something done to a whole batch.
pub trait BatchTransform: Send + Sync {
    /// The batch mixed; everything random is drawn from `random`.
    ///
    /// # Errors
    /// If a label is none of the classes, or the inputs have a shape that cannot be mixed.
    fn apply(&self, batch: Batch, random: &mut Generator) -> Result<SoftBatch, DataError>;
}

/// A dataset whose batches are mixed; made by [`ImageSource::mixed`](crate::ImageSource::mixed) or
/// [`new`](Self::new).
///
/// ```
/// use gradus_data::{DataLoader, MixUp, Mixed, digits};
///
/// let loader = DataLoader::builder(Mixed::new(digits()?, MixUp::new(0.2, 10))).batch_size(32).build()?;
/// let batch = loader.iter().next().unwrap()?;
/// assert_eq!(batch.targets.shape(), [32, 10]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mixed<D, M> {
    dataset: D,
    transform: M,
}

impl<D: Dataset<Batch = Batch>, M: BatchTransform> Mixed<D, M> {
    /// The batches of `dataset`, mixed by `transform`.
    pub fn new(dataset: D, transform: M) -> Self {
        Self { dataset, transform }
    }
}

impl<D: Dataset<Batch = Batch>, M: BatchTransform> Dataset for Mixed<D, M> {
    type Batch = SoftBatch;

    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<SoftBatch, DataError> {
        let batch = self.dataset.get_batch(indices, epoch)?;
        let mut random = epoch.generator(indices.first().copied().unwrap_or(0));
        random.skip(BATCH_DRAWS);
        self.transform.apply(batch, &mut random)
    }
}

/// `share a + (1 - share) b` row by row, where `b` is the row before, and the last for the first.
pub(super) fn blend_with_previous(rows: &Tensor<f32>, share: f64) -> Tensor<f32> {
    let n = rows.shape()[0];
    let width = rows.numel() / n.max(1);
    let (rows, shape) = (rows.contiguous(), rows.shape());
    let old = rows.as_slice().expect("made contiguous");
    let mut mixed = Tensor::zeros(shape);
    let (share, other) = (share as f32, (1.0 - share) as f32);
    for (i, out) in mixed.as_mut_slice().chunks_exact_mut(width.max(1)).enumerate() {
        let previous = &old[(i + n - 1) % n * width..][..width];
        for ((out, a), b) in out.iter_mut().zip(&old[i * width..]).zip(previous) {
            *out = share * a + other * b;
        }
    }
    mixed
}

/// A draw from the Beta distribution with both parameters `alpha`.
pub(super) fn beta(random: &mut Generator, alpha: f64) -> f64 {
    let (a, b) = (log_gamma_draw(random, alpha), log_gamma_draw(random, alpha));
    // x / (x + y) of logarithms: draws for a small alpha are smaller than any number.
    1.0 / (1.0 + (b - a).exp())
}

/// The logarithm of a draw from the Gamma distribution (G. Marsaglia, W. Tsang, "A simple method for generating gamma
/// variables", 2000; for `alpha` below 1 from that of `alpha + 1`).
fn log_gamma_draw(random: &mut Generator, alpha: f64) -> f64 {
    // 1 - u is above 0.
    let log_unit = |random: &mut Generator| (1.0 - random.next_unit()).ln();
    if alpha < 1.0 {
        let log_share = log_unit(random) / alpha;
        return log_gamma_draw(random, alpha + 1.0) + log_share;
    }
    let d = alpha - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let radius = (-2.0 * log_unit(random)).sqrt();
        let normal = radius * uniform(random, 0.0, std::f64::consts::TAU).cos();
        let v = (1.0 + c * normal).powi(3);
        if v > 0.0 && log_unit(random) < 0.5 * normal * normal + d - d * v + d * v.ln() {
            return (d * v).ln();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_has_its_moments() {
        for alpha in [0.05, 0.2, 1.0, 3.0] {
            let mut random = Generator::new(3, 0);
            let draws: Vec<f64> = (0..20_000).map(|_| beta(&mut random, alpha)).collect();
            assert!(draws.iter().all(|x| (0.0..=1.0).contains(x)), "{alpha}");
            let mean = draws.iter().sum::<f64>() / 2e4;
            let variance = draws.iter().map(|x| (x - 0.5).powi(2)).sum::<f64>() / 2e4;
            let want = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((mean - 0.5).abs() < 0.015 && (variance - want).abs() < 0.01, "{alpha}: {mean} {variance} {want}");
        }
    }
}
