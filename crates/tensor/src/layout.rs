//! Where the elements of a tensor lie in its storage: shape, strides and offset.

use crate::shape::{Dims, contiguous_strides, dims, numel};

/// Element `[i, j, ...]` lies at `offset + i * strides[0] + j * strides[1] + ...`; strides count elements.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shape: Dims,
    pub(crate) strides: Dims,
    pub(crate) offset: usize,
}

/// Tensors are cloned several times in each operation, and in a small model that is what operations cost.
impl Clone for Layout {
    #[inline]
    fn clone(&self) -> Self {
        Self { shape: dims(&self.shape), strides: dims(&self.strides), offset: self.offset }
    }
}

impl Layout {
    /// Row-major from the storage's start.
    pub(crate) fn contiguous(shape: &[usize]) -> Self {
        Self { shape: dims(shape), strides: contiguous_strides(shape), offset: 0 }
    }

    #[track_caller]
    pub(crate) fn numel(&self) -> usize {
        numel(&self.shape)
    }

    /// Whether the elements lie one after the other in row-major order, wherever they start.
    pub(crate) fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if size == 0 {
                return true;
            }
            if size != 1 && stride != expected {
                return false;
            }
            expected *= size;
        }
        true
    }
}
