//! Where elements are, and classes written out.

use crate::element::Element;
use crate::ops::index::IndexError;
use crate::shape::Dims;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// The places of the elements that are not zero (or false), a row each, in row-major order: `[count, dimensions]`.
    pub fn nonzero(&self) -> Tensor<i64> {
        let mut places = Vec::new();
        for (place, &x) in self.view().indexed_iter() {
            if x != T::default() {
                places.extend((0..self.rank()).map(|dim| place[dim] as i64));
            }
        }
        let count = if self.rank() == 0 { self.count_nonzero() } else { places.len() / self.rank() };
        Tensor::from_slice(&places, [count, self.rank()])
    }

    /// How many elements are not zero (or false).
    pub fn count_nonzero(&self) -> usize {
        self.view().iter().filter(|&&x| x != T::default()).count()
    }
}

impl Tensor<i64> {
    /// For every class the numbers 0, but 1 at its place: `[..] -> [.., classes]` (PyTorch's `functional.one_hot`).
    /// Without a number of classes, one more than the largest.
    ///
    /// # Errors
    /// If a class is outside `0..classes`.
    pub fn one_hot(&self, classes: Option<usize>) -> Result<Self, IndexError> {
        let all = self.row_major();
        let classes = classes.unwrap_or_else(|| all.iter().max().map_or(0, |&largest| (largest.max(-1) + 1) as usize));
        self.check_below(classes)?;
        let shape: Dims = self.shape().iter().copied().chain([classes]).collect();
        Ok(Self::build_on_zeros(&shape, |out| {
            out.chunks_mut(classes).zip(all.iter()).for_each(|(row, &class)| row[class as usize] = 1);
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_classes() {
        let x = Tensor::from_vec(vec![0.0f32, 2.0, f32::NAN, 0.0, -0.0, 1.0], [2, 3]);
        assert_eq!(x.nonzero(), Tensor::from_vec(vec![0, 1, 0, 2, 1, 2], [3, 2]));
        assert_eq!(Tensor::scalar(true).nonzero().shape(), [1, 0]);
        assert_eq!(Tensor::<i64>::zeros([0, 2]).nonzero().shape(), [0, 2]);
        let classes = Tensor::from_vec(vec![1, 0], [2]);
        assert_eq!(classes.one_hot(Some(3)).unwrap().to_vec(), [0, 1, 0, 1, 0, 0]);
        assert_eq!(classes.one_hot(None).unwrap().shape(), [2, 2]);
        assert_eq!(classes.one_hot(Some(1)).unwrap_err().index, 1);
        assert_eq!(Tensor::scalar(-1).one_hot(None).unwrap_err().index, -1);
    }
}
