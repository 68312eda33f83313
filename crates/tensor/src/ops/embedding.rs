//! Rows of a table looked up by index, and rows added up in a table.

use crate::element::Float;
use crate::kernels::gather;
use crate::ops::index::{IndexError, check_indices};
use crate::shape::Dims;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// Row `indices[i]` of this table `[V, D]` for every `i`: `[..] -> [.., D]` (PyTorch's `functional.embedding`).
    ///
    /// # Errors
    /// If an index is outside `0..V`.
    ///
    /// # Panics
    /// If the table has not two dimensions.
    #[track_caller]
    pub fn embedding(&self, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        let &[rows, width] = self.shape() else {
            panic!("embedding: a table of shape {:?} must be [V, D]", self.shape());
        };
        let indices_in_order = indices.row_major();
        check_indices(&indices_in_order, rows)?;
        let table = self.row_major();
        let shape: Dims = indices.shape().iter().copied().chain([width]).collect();
        Ok(Self::build(&shape, |out| gather::embedding(out, &table, &indices_in_order, width)))
    }

    /// The gradient of [`embedding`](Self::embedding) with respect to its table of `rows` rows, from this gradient of
    /// its output: row `v` is the sum of all rows whose index is `v`, added in their order: `[.., D] -> [V, D]`.
    ///
    /// # Panics
    /// If the shapes do not fit or an index is outside `0..rows`.
    #[track_caller]
    pub fn embedding_gradient(&self, indices: &Tensor<i64>, rows: usize) -> Self {
        check_rows("embedding_gradient", self.shape(), indices, rows);
        let (g, indices) = (self.row_major(), indices.row_major());
        let width = self.size(-1);
        Self::build(&[rows, width], |out| gather::sum_rows(out, &g, &indices, width))
    }

    /// Adds row `i` of `source` `[.., D]` to row `indices[i]` of this table `[V, D]`, for every `i` in their order, as
    /// `torch.Tensor.index_add_` along dimension 0.
    ///
    /// # Panics
    /// If the shapes do not fit or an index is outside `0..V`.
    #[track_caller]
    pub fn index_add_(&mut self, indices: &Tensor<i64>, source: &Self) {
        let (&[rows, width], Some(&row)) = (self.shape(), source.shape().last()) else {
            panic!("index_add_: shapes {:?} and {:?} must be [V, D] and [.., D]", self.shape(), source.shape());
        };
        assert!(row == width, "index_add_: rows of {row} numbers for a table of shape {:?}", self.shape());
        check_rows("index_add_", source.shape(), indices, rows);
        gather::add_rows(self.as_mut_slice(), &source.row_major(), &indices.row_major(), width);
    }
}

#[track_caller]
fn check_rows(operation: &str, source: &[usize], indices: &Tensor<i64>, rows: usize) {
    let fits = source.split_last().is_some_and(|(_, leading)| leading == indices.shape());
    let in_range = |&index: &i64| usize::try_from(index).is_ok_and(|index| index < rows);
    assert!(
        fits && indices.view().iter().all(in_range),
        "{operation}: rows of shape {source:?} and indices of shape {:?} below {rows} must be [.., D] and [..]",
        indices.shape()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_looked_up_and_added_up() {
        for (rows, width, indices) in [
            (3, 2, vec![2i64, 0, 2]),
            (1, 1, vec![]),
            (70, 40, (0..3000).map(|i| i * 7 % 69).collect()),
            (5, 0, vec![4]),
        ] {
            let n = indices.len();
            let table = Tensor::from_fn([rows, width], |i| (i * i % 31) as f64);
            let indices = Tensor::from_vec(indices, [n]);
            let out = table.embedding(&indices).unwrap();
            assert_eq!(out.shape(), [n, width]);
            let g = Tensor::from_fn([n, width], |i| (i % 13) as f64 - 6.0);
            let mut want = vec![0.0; rows * width];
            for (i, &index) in indices.to_vec().iter().enumerate() {
                for j in 0..width {
                    assert_eq!(out.at(&[i, j]), table.at(&[index as usize, j]));
                    want[index as usize * width + j] += g.at(&[i, j]);
                }
            }
            assert_eq!(g.embedding_gradient(&indices, rows).to_vec(), want);
            let mut sum = table.clone();
            sum.index_add_(&indices, &g);
            assert_eq!(sum, &table + &Tensor::from_vec(want, [rows, width]));
        }
    }

    #[test]
    fn an_index_outside_the_table_is_named() {
        let error = Tensor::<f32>::zeros([3, 2]).embedding(&Tensor::from_vec(vec![0, 3], [1, 2])).unwrap_err();
        assert_eq!(error.to_string(), "index 3 at position 1 is outside the 3 entries (0 to 2)");
        let error = Tensor::<f32>::zeros([0, 2]).embedding(&Tensor::from_vec(vec![-1], [1])).unwrap_err();
        assert_eq!(error.to_string(), "index -1 at position 0 is outside the 0 entries");
    }
}
