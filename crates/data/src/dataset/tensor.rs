//! Samples that lie in memory as tensors.

use gradus_tensor::Tensor;

use crate::dataset::{Batch, Dataset, Epoch, check_indices, check_pairs};
use crate::error::DataError;

/// Inputs `[N, ...]` and labels `[N]` in memory (PyTorch's `TensorDataset`). A clone shares the memory.
///
/// ```
/// use gradus_data::{Dataset, Epoch, TensorDataset};
/// use gradus_tensor::Tensor;
///
/// let inputs = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2]);
/// let dataset = TensorDataset::new(inputs, Tensor::from_vec(vec![0, 1, 0], [3]))?;
/// let batch = dataset.get_batch(&[2, 0], Epoch::default())?;
/// assert_eq!(batch.inputs.to_vec(), [5.0, 6.0, 1.0, 2.0]);
/// assert_eq!(batch.targets.to_vec(), [0, 0]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TensorDataset {
    inputs: Tensor<f32>,
    targets: Tensor<i64>,
}

impl TensorDataset {
    /// Pairs input `i` with target `i`.
    ///
    /// # Errors
    /// If `targets` is not `[N]` with as many targets as there are inputs.
    pub fn new(inputs: Tensor<f32>, targets: Tensor<i64>) -> Result<Self, DataError> {
        check_pairs(inputs.shape(), targets.shape())?;
        // Row-major once, or each batch would make the whole set so again.
        Ok(Self { inputs: inputs.contiguous(), targets: targets.contiguous() })
    }

    /// All inputs `[N, ...]`.
    pub fn inputs(&self) -> &Tensor<f32> {
        &self.inputs
    }

    /// All labels `[N]`.
    pub fn targets(&self) -> &Tensor<i64> {
        &self.targets
    }
}

impl Dataset for TensorDataset {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.targets.numel()
    }

    fn get_batch(&self, indices: &[usize], _: Epoch) -> Result<Batch, DataError> {
        check_indices(indices, self.len())?;
        Ok(Batch { inputs: self.inputs.index_select(indices), targets: self.targets.index_select(indices) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_and_targets_must_pair_up() {
        let check = |inputs: &[usize], targets: &[usize], want: &str| {
            let result = TensorDataset::new(Tensor::zeros(inputs), Tensor::zeros(targets));
            assert_eq!(result.map_or_else(|e| e.to_string(), |_| "fits".into()), want);
        };
        check(&[3, 2], &[3], "fits");
        check(&[0, 2], &[0], "fits");
        check(&[3, 2], &[2], "3 inputs do not pair up with 2 targets; give each input one target");
        check(&[3], &[3, 1], "targets of shape [3, 1] were given where the shape is [N]; reshape them");
        check(&[3], &[], "targets of shape [] were given where the shape is [N]; reshape them");
        check(&[], &[1], "inputs of shape [] were given where the shape is [N, ...]; reshape them");
    }

    #[test]
    fn batches_come_in_the_order_asked_for_from_any_memory_order() {
        let columns = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], [2, 2]).transpose(0, 1);
        let dataset = TensorDataset::new(columns, Tensor::arange(2)).unwrap();
        let batch = dataset.get_batch(&[1, 1, 0], Epoch::default()).unwrap();
        assert_eq!((batch.len(), batch.inputs.to_vec()), (3, vec![2.0, 4.0, 2.0, 4.0, 1.0, 3.0]));
        assert!(dataset.get_batch(&[], Epoch::default()).unwrap().is_empty());
        let error = dataset.get_batch(&[0, 2], Epoch::default()).unwrap_err().to_string();
        assert_eq!(error, "sample 2 was asked of a dataset of 2 samples; ask for samples from 0 to below 2");
    }
}
