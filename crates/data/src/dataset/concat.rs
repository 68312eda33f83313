//! Datasets one after the other.

use gradus_tensor::Tensor;

use crate::dataset::{Batch, Dataset, Epoch, check_indices};
use crate::error::DataError;

/// The samples of several datasets, one after the other (PyTorch's `ConcatDataset`).
///
/// ```
/// use gradus_data::{Concatenated, Dataset, Epoch, digits};
///
/// let twice = Concatenated::new(vec![digits()?, digits()?]);
/// assert_eq!(twice.len(), 3594);
/// let batch = twice.get_batch(&[1798, 1], Epoch::default())?;
/// assert_eq!(batch.targets.to_vec(), [1, 1]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Concatenated<D> {
    parts: Vec<D>,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl<D: Dataset> Concatenated<D> {
    /// These datasets as one.
    pub fn new(parts: Vec<D>) -> Self {
        let mut end = 0;
        let ends = parts.iter().map(|part| {
            end += part.len();
            end
        });
        Self { ends: ends.collect(), parts }
    }
}

impl<D: Dataset<Batch = Batch>> Dataset for Concatenated<D> {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<Batch, DataError> {
        check_indices(indices, self.len())?;
        // Each part is asked once, and its samples then put in their places.
        let part_of = |index: usize| self.ends.partition_point(|&end| end <= index);
        let (mut batches, mut places) = (Vec::new(), vec![0; indices.len()]);
        for (number, part) in self.parts.iter().enumerate() {
            let start = if number == 0 { 0 } else { self.ends[number - 1] };
            let here: Vec<usize> = (0..indices.len()).filter(|&i| part_of(indices[i]) == number).collect();
            if !here.is_empty() {
                let before: usize = batches.iter().map(Batch::len).sum();
                here.iter().enumerate().for_each(|(i, &place)| places[place] = before + i);
                let own: Vec<usize> = here.iter().map(|&i| indices[i] - start).collect();
                batches.push(part.get_batch(&own, epoch)?);
            }
        }
        let Some(first) = batches.first() else {
            return match self.parts.first() {
                Some(part) => part.get_batch(&[], epoch),
                None => Ok(Batch { inputs: Tensor::zeros([0]), targets: Tensor::zeros([0]) }),
            };
        };
        let shape = first.inputs.shape()[1..].to_vec();
        if let Some(other) = batches.iter().find(|batch| batch.inputs.shape()[1..] != shape) {
            let shape = format!("{:?} beside {:?}", other.inputs.shape(), first.inputs.shape());
            return Err(DataError::Shape { what: "samples of one batch", shape, expected: "the same" });
        }
        let inputs: Vec<&Tensor> = batches.iter().map(|batch| &batch.inputs).collect();
        let targets: Vec<&Tensor<i64>> = batches.iter().map(|batch| &batch.targets).collect();
        let (inputs, targets) = (Tensor::cat(&inputs, 0), Tensor::cat(&targets, 0));
        Ok(Batch { inputs: inputs.index_select(&places), targets: targets.index_select(&places) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::tensor::TensorDataset;

    #[test]
    fn batches_go_over_the_seams_in_their_order() {
        let part = |from: usize, count: usize| {
            let numbers = Tensor::from_fn([count, 1], |i| (from + i) as f32);
            TensorDataset::new(numbers, Tensor::from_fn([count], |i| (from + i) as i64)).unwrap()
        };
        let all = Concatenated::new(vec![part(0, 3), part(3, 0), part(3, 4), part(7, 1)]);
        assert_eq!(all.len(), 8);
        for indices in [vec![], vec![7, 0, 3, 2, 6], vec![5, 5], (0..8).collect()] {
            let batch = all.get_batch(&indices, Epoch::default()).unwrap();
            let want: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
            assert_eq!(batch.targets.to_vec(), want);
            assert_eq!(batch.inputs.to_vec(), want.iter().map(|&i| i as f32).collect::<Vec<_>>());
        }
        assert!(all.get_batch(&[8], Epoch::default()).is_err());
        assert!(Concatenated::<TensorDataset>::new(Vec::new()).is_empty());
    }
}
