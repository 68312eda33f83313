//! Tensors put together.

use crate::element::Element;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// `tensors` of one shape along a new first dimension.
    ///
    /// # Panics
    /// If there are none or their shapes differ.
    #[track_caller]
    pub fn stack(tensors: &[Self]) -> Self {
        let Some(first) = tensors.first() else { panic!("stack: no tensors given") };
        if let Some(other) = tensors.iter().find(|t| t.shape() != first.shape()) {
            panic!("stack: shapes {:?} and {:?} differ", first.shape(), other.shape());
        }
        let mut shape = first.layout.shape.clone();
        shape.insert(0, tensors.len());
        Self::build(&shape, |out| {
            for (out, tensor) in out.chunks_mut(first.numel().max(1)).zip(tensors) {
                out.copy_from_slice(&tensor.row_major());
            }
        })
    }
}
