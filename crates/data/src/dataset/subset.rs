//! Some of a dataset's samples as a dataset.

use std::sync::Arc;

use crate::dataset::{Dataset, Epoch, check_indices};
use crate::error::DataError;

/// The samples `indices` of a dataset, in that order (PyTorch's `Subset`). Nothing is copied.
///
/// ```
/// use std::sync::Arc;
///
/// use gradus_data::{Dataset, Epoch, Subset, digits};
///
/// let first_ten = Subset::new(Arc::new(digits()?), (0..10).collect())?;
/// assert_eq!(first_ten.get_batch(&[9], Epoch::default())?.targets.to_vec(), [9]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct Subset<D> {
    pub(super) dataset: Arc<D>,
    /// Each is below the dataset's length.
    pub(super) indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    /// The samples `indices` of `dataset`; a sample may be named more than once.
    ///
    /// # Errors
    /// If the dataset has no such sample.
    pub fn new(dataset: Arc<D>, indices: Vec<usize>) -> Result<Self, DataError> {
        check_indices(&indices, dataset.len())?;
        Ok(Self { dataset, indices })
    }

    /// The whole dataset.
    pub fn dataset(&self) -> &Arc<D> {
        &self.dataset
    }

    /// Which of the whole dataset's samples these are.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    type Batch = D::Batch;

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<D::Batch, DataError> {
        check_indices(indices, self.len())?;
        let of_whole: Vec<usize> = indices.iter().map(|&i| self.indices[i]).collect();
        self.dataset.get_batch(&of_whole, epoch)
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::dataset::tensor::TensorDataset;

    #[test]
    fn a_subset_of_a_subset_names_samples_of_the_whole() {
        let whole = Arc::new(TensorDataset::new(Tensor::zeros([10, 1]), Tensor::arange(10)).unwrap());
        let odd = Arc::new(Subset::new(Arc::clone(&whole), vec![1, 3, 5, 7, 9]).unwrap());
        let some = Subset::new(Arc::clone(&odd), vec![4, 4, 0]).unwrap();
        assert_eq!(some.get_batch(&[2, 1, 0], Epoch::default()).unwrap().targets.to_vec(), [1, 9, 9]);
        let message = |result: Result<_, DataError>| result.map(drop).unwrap_err().to_string();
        assert!(
            message(some.get_batch(&[3], Epoch::default()).map(drop))
                .starts_with("sample 3 was asked of a dataset of 3 samples")
        );
        assert!(message(Subset::new(odd, vec![0, 5]).map(drop)).starts_with("sample 5 was asked"));
    }
}
