//! Elements and rows picked by index, and added up by index.

use std::fmt;

use crate::element::{Element, Float};
use crate::kernels::gather;
use crate::shape::{Dims, contiguous_strides, numel, resolve_dim};
use crate::tensor::Tensor;

/// An index that names no entry of a dimension, such as a row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexError {
    /// Where the index stands, counted in row-major order.
    pub position: usize,
    /// The index found there.
    pub index: i64,
    /// The number of entries.
    pub rows: usize,
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, index, rows } = self;
        write!(f, "index {index} at position {position} is outside the {rows} entries")?;
        if *rows > 0 { write!(f, " (0 to {})", rows - 1) } else { Ok(()) }
    }
}

impl std::error::Error for IndexError {}

/// Whether all `indices` are below `rows`.
pub(crate) fn check_indices(indices: &[i64], rows: usize) -> Result<(), IndexError> {
    let outside = |&(_, &index): &(usize, &i64)| usize::try_from(index).map_or(true, |index| index >= rows);
    match indices.iter().enumerate().find(outside) {
        Some((position, &index)) => Err(IndexError { position, index, rows }),
        None => Ok(()),
    }
}

impl<T: Element> Tensor<T> {
    /// Entries `indices` of the first dimension, in that order (PyTorch's `index_select(0, ..)`).
    ///
    /// # Panics
    /// If the tensor has no dimension or an index is out of range.
    #[track_caller]
    pub fn index_select(&self, indices: &[usize]) -> Self {
        let Some(&rows) = self.shape().first() else {
            panic!("index_select: a scalar, of shape [], has no dimension to select from");
        };
        if let Some(index) = indices.iter().find(|&&i| i >= rows) {
            panic!("index_select: index {index} leaves dimension 0 of shape {:?}", self.shape());
        }
        let x = self.row_major();
        let mut shape = self.layout.shape.clone();
        shape[0] = indices.len();
        let width = self.numel().checked_div(rows).unwrap_or(0);
        Self::build(&shape, |out| gather::rows(out, &x, indices, width))
    }
    /// Entries `indices` (of one dimension) of dimension `dim`, in that order (PyTorch's `index_select`).
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the dimension is out of range or the indices have not one dimension.
    #[track_caller]
    pub fn index_select_dim(&self, dim: isize, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        let at = resolve_dim("index_select", dim, self.rank());
        check_list("index_select", indices);
        let (entries, inner) = (self.shape()[at], numel(&self.shape()[at + 1..]));
        let indices = indices.row_major();
        check_indices(&indices, entries)?;
        let x = self.row_major();
        let mut shape = self.layout.shape.clone();
        shape[at] = indices.len();
        Ok(Self::build(&shape, |out| gather::entries(out, &x, &indices, (entries, inner))))
    }

    /// The elements at `indices`, which count in row-major order: `[..] -> [..]` (PyTorch's `take`).
    ///
    /// # Errors
    /// If an index is outside the elements.
    pub fn take(&self, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        let in_order = indices.row_major();
        check_indices(&in_order, self.numel())?;
        let x = self.row_major();
        Ok(Self::build(indices.shape(), |out| gather::embedding(out, &x, &in_order, 1)))
    }
}

impl<T: Float> Tensor<T> {
    /// The gradient of [`index_select_dim`](Self::index_select_dim) with respect to its tensor, whose dimension `dim`
    /// has `entries`, from this gradient of its output: entry `v` is the sum of all whose index is `v`, in their order.
    ///
    /// # Panics
    /// If the indices do not fit the dimension or are not below `entries`.
    #[track_caller]
    pub fn index_select_gradient(&self, dim: isize, indices: &Tensor<i64>, entries: usize) -> Self {
        let at = resolve_dim("index_select_gradient", dim, self.rank());
        check_list("index_select_gradient", indices);
        let (g, indices) = (self.row_major(), indices.row_major());
        assert!(
            indices.len() == self.shape()[at] && check_indices(&indices, entries).is_ok(),
            "index_select_gradient: {} indices, all below {entries}, do not fit dimension {at} of shape {:?}",
            indices.len(),
            self.shape()
        );
        let inner = numel(&self.shape()[at + 1..]);
        let mut shape = self.layout.shape.clone();
        shape[at] = entries;
        Self::build(&shape, |out| gather::sum_entries(out, &g, &indices, (entries, inner)))
    }

    /// The gradient of [`take`](Self::take) with respect to its tensor of `shape`, from this gradient of its output:
    /// the sums of the elements with the same index, in their order.
    ///
    /// # Panics
    /// If the indices have another shape or are outside the elements of `shape`.
    #[track_caller]
    pub fn take_gradient(&self, indices: &Tensor<i64>, shape: impl AsRef<[usize]>) -> Self {
        let (shape, in_order) = (shape.as_ref(), indices.row_major());
        assert!(
            self.shape() == indices.shape() && check_indices(&in_order, numel(shape)).is_ok(),
            "take_gradient: indices of shape {:?} do not fit a gradient of shape {:?} and elements of shape {shape:?}",
            indices.shape(),
            self.shape()
        );
        let g = self.row_major();
        Self::build_on_zeros(shape, |out| gather::add_rows(out, &g, &in_order, 1))
    }
}

impl Tensor<i64> {
    /// That all these indices are in `0..entries`.
    ///
    /// # Errors
    /// If one is not.
    pub fn check_below(&self, entries: usize) -> Result<(), IndexError> {
        check_indices(&self.row_major(), entries)
    }

    /// Row-major places in a tensor of `shape`, for indices along its dimension `dim`: index `[i, j, k]`, with `dim` 1,
    /// gives the place of `[i, index, k]`. This is how PyTorch's `gather` and `scatter` read theirs.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the number of dimensions differs, or another dimension has more entries than `shape` has, naming `operation`.
    #[track_caller]
    pub fn places_along(&self, operation: &str, dim: isize, shape: impl AsRef<[usize]>) -> Result<Self, IndexError> {
        let shape = shape.as_ref();
        let at = resolve_dim(operation, dim, shape.len());
        let within = |(d, (own, other)): (usize, (&usize, &usize))| d == at || own <= other;
        assert!(
            self.rank() == shape.len() && self.shape().iter().zip(shape).enumerate().all(within),
            "{operation}: indices of shape {:?} do not fit dimension {at} of shape {shape:?}",
            self.shape()
        );
        let mut places = self.to_vec();
        check_indices(&places, shape[at])?;
        let strides = contiguous_strides(shape);
        let mut index = Dims::from_elem(0, shape.len());
        for place in &mut places {
            let others: usize = (0..shape.len()).filter(|&d| d != at).map(|d| index[d] * strides[d]).sum();
            *place = *place * strides[at] as i64 + others as i64;
            for d in (0..shape.len()).rev() {
                index[d] += 1;
                if index[d] < self.shape()[d] {
                    break;
                }
                index[d] = 0;
            }
        }
        Ok(Self::from_vec(places, self.shape()))
    }
}

#[track_caller]
fn check_list(operation: &str, indices: &Tensor<i64>) {
    assert!(indices.rank() == 1, "{operation}: indices of shape {:?} must have one dimension", indices.shape());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_picked_and_added_up() {
        let x = Tensor::from_fn([2, 3, 2], |i| i as f64);
        let indices = Tensor::from_vec(vec![2, 0, 2], [3]);
        let picked = x.index_select_dim(1, &indices).unwrap();
        assert_eq!(picked.to_vec(), [4., 5., 0., 1., 4., 5., 10., 11., 6., 7., 10., 11.]);
        let sums = picked.index_select_gradient(1, &indices, 3);
        assert_eq!(sums.to_vec(), [0., 1., 0., 0., 8., 10., 6., 7., 0., 0., 20., 22.]);
        assert_eq!(x.index_select_dim(-1, &Tensor::from_vec(vec![2], [1])).unwrap_err().rows, 2);
        let places = indices.reshape([1, 3, 1]).places_along("gather", 1, [2, 3, 2]).unwrap();
        assert_eq!(places.to_vec(), [4, 0, 4]);
        assert_eq!(x.take(&places).unwrap().to_vec(), [4., 0., 4.]);
        assert_eq!(x.take(&places).unwrap().take_gradient(&places, [5]).to_vec(), [0., 0., 0., 0., 8.]);
    }

    #[test]
    #[should_panic(expected = "gather: indices of shape [3, 2] do not fit dimension 1 of shape [2, 2]")]
    fn indices_may_not_leave_the_other_dimensions() {
        let _ = Tensor::<i64>::zeros([3, 2]).places_along("gather", 1, [2, 2]);
    }
}
