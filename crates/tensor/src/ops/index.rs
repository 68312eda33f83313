//! Rows picked by index.

use crate::element::Element;
use crate::kernels::gather;
use crate::tensor::Tensor;

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
}
