//! Parts of a tensor, sharing its memory.

use std::ops::Range;

use crate::element::Element;
use crate::shape::resolve_dim;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// `range` of dimension `dim`.
    ///
    /// # Panics
    /// If the range leaves the dimension.
    #[track_caller]
    pub fn slice(&self, dim: isize, range: Range<usize>) -> Self {
        let at = resolve_dim("slice", dim, self.rank());
        assert!(
            range.start <= range.end && range.end <= self.shape()[at],
            "slice: {range:?} leaves dimension {at} of shape {:?}",
            self.shape()
        );
        let mut shape = self.layout.shape.clone();
        shape[at] = range.len();
        // An empty view starts nowhere in particular; the old start is always inside the storage.
        let skip = if range.is_empty() || self.numel() == 0 { 0 } else { range.start * self.strides()[at] };
        self.with_layout(shape, self.layout.strides.clone(), self.layout.offset + skip)
    }

    /// Every `step`-th of `range` of dimension `dim`, from the first on (PyTorch's `x[start:end:step]`).
    ///
    /// # Panics
    /// If the range leaves the dimension or the step is 0.
    #[track_caller]
    pub fn slice_step(&self, dim: isize, range: Range<usize>, step: usize) -> Self {
        assert!(step > 0, "slice_step: a step of 0 along dimension {dim} of shape {:?}", self.shape());
        let at = resolve_dim("slice_step", dim, self.rank());
        let mut view = self.slice(dim, range);
        view.layout.shape[at] = view.layout.shape[at].div_ceil(step);
        if view.layout.shape[at] > 1 {
            view.layout.strides[at] *= step;
        }
        view
    }

    /// Index `index` of dimension `dim`, which disappears.
    ///
    /// # Panics
    /// If the index leaves the dimension.
    #[track_caller]
    pub fn select(&self, dim: isize, index: usize) -> Self {
        let at = resolve_dim("select", dim, self.rank());
        assert!(index < self.shape()[at], "select: index {index} leaves dimension {at} of shape {:?}", self.shape());
        let mut view = self.slice(dim, index..index + 1);
        view.layout.shape.remove(at);
        view.layout.strides.remove(at);
        view
    }
}
