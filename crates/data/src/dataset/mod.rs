//! What a dataset is: samples that are given out as whole batches.

pub(crate) mod concat;
pub(crate) mod epoch;
pub(crate) mod folds;
pub(crate) mod image;
pub(crate) mod regression;
pub(crate) mod split;
pub(crate) mod subset;
pub(crate) mod tensor;
pub(crate) mod windows;
pub(crate) mod zip;

use std::sync::Arc;

pub use epoch::Epoch;
use gradus_tensor::Tensor;

use crate::error::DataError;

/// Samples by index, given out as whole batches.
///
/// [`get_batch`](Self::get_batch) is PyTorch's `__getitems__` and `collate_fn` in one, so that data in memory cost one
/// copy a batch, not one a sample.
///
/// ```
/// use gradus_data::{DataError, DataLoader, Dataset, Epoch};
///
/// /// The squares of the numbers below `n`.
/// struct Squares(usize);
///
/// impl Dataset for Squares {
///     type Batch = Vec<usize>;
///
///     fn len(&self) -> usize {
///         self.0
///     }
///
///     fn get_batch(&self, indices: &[usize], _: Epoch) -> Result<Vec<usize>, DataError> {
///         Ok(indices.iter().map(|i| i * i).collect())
///     }
/// }
///
/// let loader = DataLoader::builder(Squares(5)).batch_size(2).build()?;
/// let batches: Vec<Vec<usize>> = loader.iter().collect::<Result<_, _>>()?;
/// assert_eq!(batches, [vec![0, 1], vec![4, 9], vec![16]]);
/// # Ok::<(), DataError>(())
/// ```
pub trait Dataset: Send + Sync {
    /// What a loader gives out; [`Batch`] for inputs with labels.
    type Batch: Send;

    /// The number of samples.
    fn len(&self) -> usize;

    /// Whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The samples `indices`, in that order, as one batch of `epoch`, from which everything random about a sample is
    /// drawn ([`Epoch::generator`]).
    ///
    /// # Errors
    /// If there is no such sample, or a sample cannot be read.
    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<Self::Batch, DataError>;
}

/// Inputs and their labels: `B` samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Inputs `[B, ...]`.
    pub inputs: Tensor<f32>,
    /// Labels `[B]`.
    pub targets: Tensor<i64>,
}

impl Batch {
    /// The number of samples `B`.
    pub fn len(&self) -> usize {
        self.targets.numel()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

macro_rules! forward_dataset {
    ($($pointer:ty),*) => {$(
        impl<D: Dataset + ?Sized> Dataset for $pointer {
            type Batch = D::Batch;

            fn len(&self) -> usize {
                (**self).len()
            }

            fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<D::Batch, DataError> {
                (**self).get_batch(indices, epoch)
            }
        }
    )*};
}
forward_dataset!(&D, Box<D>, Arc<D>);

/// Errors at the first index that a dataset of `len` samples does not have.
pub(crate) fn check_indices(indices: &[usize], len: usize) -> Result<(), DataError> {
    match indices.iter().find(|&&i| i >= len) {
        Some(&index) => Err(DataError::Index { index, len }),
        None => Ok(()),
    }
}

/// Errors unless `targets` is `[N]` with one target for each of `inputs`, which is `[N, ...]`.
fn check_pairs(inputs: &[usize], targets: &[usize]) -> Result<(), DataError> {
    let Some(&count) = inputs.first() else {
        return Err(DataError::Shape { what: "inputs", shape: "[]".into(), expected: "[N, ...]" });
    };
    match targets {
        &[n] if n == count => Ok(()),
        &[n] => Err(DataError::Counts { inputs: count, targets: n }),
        other => Err(DataError::Shape { what: "targets", shape: format!("{other:?}"), expected: "[N]" }),
    }
}
