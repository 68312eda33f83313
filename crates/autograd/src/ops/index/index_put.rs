//! Entries of a dimension, or elements at lists of indices, replaced or added to.

use gradus_tensor::{Dims, Float, IndexError, Tensor, broadcast_shapes, numel, resolve_dim};

use crate::ops::index::index_select::added_up;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// This variable with entry `i` of `source`, times `alpha`, added to entry `indices[i]` of dimension `dim`.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the source's shape is not this variable's with as many entries of `dim` as there are indices.
    #[track_caller]
    pub fn index_add(&self, dim: isize, indices: &Tensor<i64>, source: &Self, alpha: T) -> Result<Self, IndexError> {
        let at = self.check_source("index_add", dim, indices, source)?;
        let added = added_up(source, at, indices, self.shape()[at]);
        Ok(self + if alpha == T::one() { added } else { added * alpha })
    }

    /// This variable with entry `i` of `source` written to entry `indices[i]` of dimension `dim`. Of several for one
    /// entry the last is kept, and only it gets a gradient.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// As [`index_add`](Self::index_add).
    #[track_caller]
    pub fn index_copy(&self, dim: isize, indices: &Tensor<i64>, source: &Self) -> Result<Self, IndexError> {
        let at = self.check_source("index_copy", dim, indices, source)?;
        let all = indices.to_vec();
        let mut last = vec![0; self.shape()[at]];
        all.iter().enumerate().for_each(|(i, &index)| last[index as usize] = i);
        let kept: Vec<usize> = (0..all.len()).filter(|&i| last[all[i] as usize] == i).collect();
        let list = |values: Vec<i64>| Tensor::from_slice(&values, [values.len()]);
        let left = list(kept.iter().map(|&i| all[i]).collect());
        let source = source.picked(at as isize, &list(kept.iter().map(|&i| i as i64).collect()));
        Ok(self.index_fill(dim, indices, T::zero())? + added_up(&source, at, &left, self.shape()[at]))
    }

    /// This variable with `value` in the entries `indices` of dimension `dim`.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn index_fill(&self, dim: isize, indices: &Tensor<i64>, value: T) -> Result<Self, IndexError> {
        let at = resolve_dim("index_fill", dim, self.shape().len());
        let mut shape = Dims::from_elem(1, self.shape().len() - at);
        shape[0] = self.shape()[at];
        indices.check_below(shape[0])?;
        let mut named = Tensor::zeros(&shape);
        let flags = named.as_mut_slice();
        indices.to_vec().into_iter().for_each(|index| flags[index as usize] = true);
        Ok(self.masked_fill(&named, value))
    }

    /// The elements at lists of indices, one list for each of the first dimensions (PyTorch's `x[i, j]`): the lists
    /// broadcast to a shape `[..]`, which stands in the place of those dimensions. A negative index counts from the
    /// end.
    ///
    /// # Errors
    /// If an index is outside its dimension.
    ///
    /// # Panics
    /// If there are more lists than dimensions, or they do not broadcast.
    #[track_caller]
    pub fn index(&self, lists: &[&Tensor<i64>]) -> Result<Self, IndexError> {
        let Lists { rows, shape, entries } = self.resolve(lists)?;
        let rest = &self.shape()[lists.len()..];
        let joined: Dims = [entries].into_iter().chain(rest.iter().copied()).collect();
        let picked = self.reshape(joined).picked(0, &rows);
        Ok(picked.reshape(shape.iter().chain(rest).copied().collect::<Dims>()))
    }

    /// This variable with `values` at lists of indices, one list for each of the first dimensions: added to what is
    /// there where `accumulate`, else in its place (PyTorch's `x[i, j] = values`). The values broadcast to the shape
    /// that [`index`](Self::index) gives.
    ///
    /// # Errors
    /// If an index is outside its dimension.
    ///
    /// # Panics
    /// If there are more lists than dimensions, or something does not broadcast.
    #[track_caller]
    pub fn index_put(&self, lists: &[&Tensor<i64>], values: &Self, accumulate: bool) -> Result<Self, IndexError> {
        let Lists { rows, shape, entries } = self.resolve(lists)?;
        let rest = &self.shape()[lists.len()..];
        let with = |sizes: &[usize]| -> Dims { sizes.iter().chain(rest).copied().collect() };
        assert!(
            broadcast_shapes(values.shape(), &with(&shape)).as_ref() == Some(&with(&shape)),
            "index_put: values of shape {:?} do not broadcast to {:?}",
            values.shape(),
            with(&shape)
        );
        let values = values.broadcast_to(with(&shape)).reshape(with(&[rows.numel()]));
        let joined = self.reshape(with(&[entries]));
        let put = if accumulate {
            joined.index_add(0, &rows, &values, T::one())
        } else {
            joined.index_copy(0, &rows, &values)
        };
        Ok(put?.reshape(self.shape()))
    }

    #[track_caller]
    fn check_source(
        &self,
        operation: &str,
        dim: isize,
        indices: &Tensor<i64>,
        source: &Self,
    ) -> Result<usize, IndexError> {
        let at = resolve_dim(operation, dim, self.shape().len());
        let mut expected = self.dims();
        expected[at] = indices.numel();
        assert!(
            indices.rank() == 1 && source.shape() == expected.as_slice(),
            "{operation}: indices of shape {:?} and a source of shape {:?} for dimension {at} of shape {:?}",
            indices.shape(),
            source.shape(),
            self.shape()
        );
        indices.check_below(self.shape()[at])?;
        Ok(at)
    }

    /// Lists of indices as rows of the first dimensions made one.
    #[track_caller]
    fn resolve(&self, lists: &[&Tensor<i64>]) -> Result<Lists, IndexError> {
        assert!(
            lists.len() <= self.shape().len(),
            "index: {} lists of indices for shape {:?}",
            lists.len(),
            self.shape()
        );
        let sizes = &self.shape()[..lists.len()];
        let shape = lists.iter().try_fold(Dims::new(), |shape, list| broadcast_shapes(&shape, list.shape()));
        let Some(shape) = shape else {
            let shapes: Vec<_> = lists.iter().map(|list| list.shape()).collect();
            panic!("index: lists of shapes {shapes:?} do not broadcast");
        };
        let mut rows = vec![0i64; numel(&shape)];
        for (list, &size) in lists.iter().zip(sizes) {
            let list = list.broadcast_to(&shape).to_vec();
            for (position, (row, &index)) in rows.iter_mut().zip(&list).enumerate() {
                let place = if index < 0 { index + size as i64 } else { index };
                if !(0..size as i64).contains(&place) {
                    return Err(IndexError { position, index, rows: size });
                }
                *row = *row * size as i64 + place;
            }
        }
        Ok(Lists { rows: Tensor::from_slice(&rows, [rows.len()]), shape, entries: numel(sizes) })
    }
}

/// What lists of indices of the first dimensions name.
struct Lists {
    /// Entries of those dimensions made one.
    rows: Tensor<i64>,
    /// The shape that the lists broadcast to.
    shape: Dims,
    /// How many entries the dimensions have, made one.
    entries: usize,
}
