//! Repetition without memory: dimensions of size 1, or missing in front, read again and again.

use crate::element::Element;
use crate::shape::{Dims, broadcast_shapes};
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// This tensor seen as `shape` by NumPy's broadcasting rule (PyTorch's `expand`).
    ///
    /// # Panics
    /// If it does not broadcast to `shape`.
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl AsRef<[usize]>) -> Self {
        let shape = shape.as_ref();
        assert!(
            broadcast_shapes(self.shape(), shape).as_deref() == Some(shape),
            "broadcast_to: shape {:?} does not broadcast to {shape:?}",
            self.shape()
        );
        if self.shape() == shape {
            return self.clone();
        }
        let added = shape.len() - self.rank();
        let strides = (0..shape.len())
            .map(|i| if i < added || self.shape()[i - added] != shape[i] { 0 } else { self.strides()[i - added] })
            .collect();
        self.with_layout(Dims::from_slice(shape), strides, self.layout.offset)
    }
}
