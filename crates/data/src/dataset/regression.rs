//! Samples in memory whose targets are numbers.

use gradus_tensor::Tensor;

use crate::dataset::{Dataset, Epoch, check_indices, check_pairs};
use crate::error::DataError;

/// Inputs `[N, ...]` and numbers `[N]` in memory. A clone shares the memory.
///
/// ```
/// use gradus_data::{Dataset, Epoch, RegressionDataset};
/// use gradus_tensor::Tensor;
///
/// let inputs = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], [2, 2]);
/// let dataset = RegressionDataset::new(inputs, Tensor::from_vec(vec![0.5f32, -0.5], [2]))?;
/// let batch = dataset.get_batch(&[1, 0], Epoch::default())?;
/// assert_eq!(batch.inputs.to_vec(), [3.0, 4.0, 1.0, 2.0]);
/// assert_eq!(batch.targets.to_vec(), [-0.5, 0.5]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RegressionDataset {
    inputs: Tensor<f32>,
    targets: Tensor<f32>,
}

/// Inputs and their numbers: `B` samples.
#[derive(Clone, Debug, PartialEq)]
pub struct RegressionBatch {
    /// Inputs `[B, ...]`.
    pub inputs: Tensor<f32>,
    /// Numbers `[B]`.
    pub targets: Tensor<f32>,
}

impl RegressionDataset {
    /// Pairs input `i` with target `i`.
    ///
    /// # Errors
    /// If `targets` is not `[N]` with as many targets as there are inputs.
    pub fn new(inputs: Tensor<f32>, targets: Tensor<f32>) -> Result<Self, DataError> {
        check_pairs(inputs.shape(), targets.shape())?;
        // Row-major once, or each batch would make the whole set so again.
        Ok(Self { inputs: inputs.contiguous(), targets: targets.contiguous() })
    }
}

impl Dataset for RegressionDataset {
    type Batch = RegressionBatch;

    fn len(&self) -> usize {
        self.targets.numel()
    }

    fn get_batch(&self, indices: &[usize], _: Epoch) -> Result<RegressionBatch, DataError> {
        check_indices(indices, self.len())?;
        Ok(RegressionBatch { inputs: self.inputs.index_select(indices), targets: self.targets.index_select(indices) })
    }
}
