//! Dimensions in another order, sharing memory.

use crate::element::Element;
use crate::shape::{Dims, resolve_dim};
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// Dimension `i` of the result is dimension `dims[i]` of this tensor.
    ///
    /// # Panics
    /// If `dims` does not name every dimension once.
    #[track_caller]
    pub fn permute(&self, dims: &[usize]) -> Self {
        let mut seen = vec![false; self.rank()];
        for &d in dims {
            if d < seen.len() {
                seen[d] = true;
            }
        }
        assert!(
            dims.len() == self.rank() && seen.iter().all(|&s| s),
            "permute: {dims:?} does not name every dimension of shape {:?} once",
            self.shape()
        );
        let pick = |from: &[usize]| dims.iter().map(|&d| from[d]).collect::<Dims>();
        self.with_layout(pick(self.shape()), pick(self.strides()), self.layout.offset)
    }

    /// Dimensions `a` and `b` exchanged.
    ///
    /// # Panics
    /// If one of them does not exist.
    #[track_caller]
    pub fn transpose(&self, a: isize, b: isize) -> Self {
        let a = resolve_dim("transpose", a, self.rank());
        let b = resolve_dim("transpose", b, self.rank());
        let mut view = self.clone();
        view.layout.shape.swap(a, b);
        view.layout.strides.swap(a, b);
        view
    }
}
