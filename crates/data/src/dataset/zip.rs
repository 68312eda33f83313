//! Two datasets side by side.

use crate::dataset::{Dataset, Epoch};
use crate::error::DataError;

/// Sample `i` of two datasets together (PyTorch's `StackDataset`): a batch is the pair of their batches.
///
/// ```
/// use gradus_data::{Dataset, Epoch, Zipped, digits};
///
/// let pairs = Zipped::new(digits()?, digits()?)?;
/// let (a, b) = pairs.get_batch(&[3, 1], Epoch::default())?;
/// assert_eq!(a.targets, b.targets);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Zipped<A, B> {
    a: A,
    b: B,
}

impl<A: Dataset, B: Dataset> Zipped<A, B> {
    /// Pairs sample `i` of `a` with sample `i` of `b`.
    ///
    /// # Errors
    /// If they have different numbers of samples.
    pub fn new(a: A, b: B) -> Result<Self, DataError> {
        let (inputs, targets) = (a.len(), b.len());
        if inputs == targets { Ok(Self { a, b }) } else { Err(DataError::Counts { inputs, targets }) }
    }
}

impl<A: Dataset, B: Dataset> Dataset for Zipped<A, B> {
    type Batch = (A::Batch, B::Batch);

    fn len(&self) -> usize {
        self.a.len()
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<Self::Batch, DataError> {
        Ok((self.a.get_batch(indices, epoch)?, self.b.get_batch(indices, epoch)?))
    }
}
