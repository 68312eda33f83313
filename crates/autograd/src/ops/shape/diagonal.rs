//! Diagonals of matrices, and matrices of diagonals.

use gradus_tensor::{Dims, Float, Tensor, resolve_dim};

use crate::ops::index::index_select::added_up;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The diagonals of the matrices that dimensions `dim1` (rows) and `dim2` (columns) make, or those `offset` columns
    /// to their right: the two dimensions disappear, and the diagonal is a new last one.
    ///
    /// # Panics
    /// If the two are one dimension or out of range.
    #[track_caller]
    pub fn diagonal(&self, offset: isize, dim1: isize, dim2: isize) -> Self {
        let rank = self.shape().len();
        let (row, column) = (resolve_dim("diagonal", dim1, rank), resolve_dim("diagonal", dim2, rank));
        assert!(row != column, "diagonal: dimensions {dim1} and {dim2} of shape {:?} are the same", self.shape());
        let [rows, columns] = [self.shape()[row], self.shape()[column]];
        let matrices = self.movedim(&[dim1, dim2], &[-2, -1]);
        let leading = Dims::from_slice(&matrices.shape()[..rank - 2]);
        let joined = matrices.reshape(leading.iter().copied().chain([rows * columns]).collect::<Dims>());
        joined.picked(-1, &places(rows, columns, offset))
    }

    /// The diagonal of this matrix, as [`diagonal`](Self::diagonal), or the matrix with this list as its diagonal, as
    /// [`diag_embed`](Self::diag_embed).
    ///
    /// # Panics
    /// If there are neither one nor two dimensions.
    #[track_caller]
    pub fn diag(&self, offset: isize) -> Self {
        match self.shape().len() {
            1 => self.diag_embed(offset, 0, 1),
            2 => self.diagonal(offset, 0, 1),
            _ => panic!("diag: shape {:?} must have one or two dimensions", self.shape()),
        }
    }

    /// Square matrices, along the dimensions `dim1` (rows) and `dim2` (columns) of the result, of zeros but for the
    /// last dimension of this variable on the diagonal, or on that `offset` columns to its right.
    ///
    /// # Panics
    /// If the two are one dimension or out of range.
    #[track_caller]
    pub fn diag_embed(&self, offset: isize, dim1: isize, dim2: isize) -> Self {
        let Some((&length, leading)) = self.shape().split_last() else {
            panic!("diag_embed: a scalar, of shape [], has no last dimension");
        };
        let rank = leading.len() + 2;
        assert!(
            resolve_dim("diag_embed", dim1, rank) != resolve_dim("diag_embed", dim2, rank),
            "diag_embed: dimensions {dim1} and {dim2} are the same"
        );
        let size = length + offset.unsigned_abs();
        let joined = added_up(self, leading.len(), &places(size, size, offset), size * size);
        let shape: Dims = leading.iter().copied().chain([size, size]).collect();
        joined.reshape(shape).movedim(&[-2, -1], &[dim1, dim2])
    }

    /// The sum of the diagonal of this matrix.
    ///
    /// # Panics
    /// If there are not two dimensions.
    #[track_caller]
    pub fn trace(&self) -> Self {
        assert!(self.shape().len() == 2, "trace: shape {:?} must have two dimensions", self.shape());
        self.diagonal(0, 0, 1).sum()
    }
}

/// The row-major places of a diagonal.
fn places(rows: usize, columns: usize, offset: isize) -> Tensor<i64> {
    let [down, right] = [(-offset).max(0), offset.max(0)].map(isize::unsigned_abs);
    let length = rows.saturating_sub(down).min(columns.saturating_sub(right));
    Tensor::from_fn([length], |i| ((i + down) * columns + i + right) as i64)
}
