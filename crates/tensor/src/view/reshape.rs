//! The same elements in the same order under another shape.

use crate::element::Element;
use crate::shape::{Dims, contiguous_strides, dims, numel, resolve_dim};
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// The elements in row-major order under `shape`: a view where memory is row-major, else a copy.
    ///
    /// # Panics
    /// If the number of elements differs.
    #[track_caller]
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Self {
        let shape = shape.as_ref();
        assert!(
            numel(shape) == self.numel(),
            "reshape: shape {:?} has {} elements, {shape:?} has {}",
            self.shape(),
            self.numel(),
            numel(shape)
        );
        if shape == self.shape() {
            return self.contiguous();
        }
        let copy = (!self.is_contiguous()).then(|| self.copy());
        let source = copy.as_ref().unwrap_or(self);
        source.with_layout(dims(shape), contiguous_strides(shape), source.layout.offset)
    }

    /// Dimensions `start_dim` to the last made one (PyTorch's `flatten(start_dim)`).
    ///
    /// # Panics
    /// If there is no such dimension.
    #[track_caller]
    pub fn flatten(&self, start_dim: isize) -> Self {
        let start = resolve_dim("flatten", start_dim, self.rank());
        let mut shape = Dims::from_slice(&self.shape()[..start]);
        shape.push(numel(&self.shape()[start..]));
        self.reshape(shape)
    }

    /// A new dimension of size 1 before dimension `dim`; -1 adds it at the end.
    ///
    /// # Panics
    /// If `dim` is out of range.
    #[track_caller]
    pub fn unsqueeze(&self, dim: isize) -> Self {
        let at = resolve_dim("unsqueeze", dim, self.rank() + 1);
        let (mut shape, mut strides) = (self.layout.shape.clone(), self.layout.strides.clone());
        shape.insert(at, 1);
        strides.insert(at, 1);
        self.with_layout(shape, strides, self.layout.offset)
    }

    /// Without dimension `dim` where its size is 1, unchanged where it is not.
    ///
    /// # Panics
    /// If `dim` is out of range.
    #[track_caller]
    pub fn squeeze(&self, dim: isize) -> Self {
        let at = resolve_dim("squeeze", dim, self.rank());
        if self.shape()[at] != 1 {
            return self.clone();
        }
        let (mut shape, mut strides) = (self.layout.shape.clone(), self.layout.strides.clone());
        shape.remove(at);
        strides.remove(at);
        self.with_layout(shape, strides, self.layout.offset)
    }
}
