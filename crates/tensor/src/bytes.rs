//! Tensors as little-endian bytes, the way files hold them.

use crate::element::Element;
use crate::shape::Dims;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// The elements in row-major order, each as its little-endian bytes.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.numel() * size_of::<T>());
        for x in self.row_major().iter() {
            x.write_le(&mut bytes);
        }
        bytes
    }

    /// A tensor of `shape` from bytes as [`to_le_bytes`](Self::to_le_bytes) writes them; `None` where their number is
    /// not the shape's, or they are no values of the type.
    pub fn from_le_bytes(bytes: &[u8], shape: &[usize]) -> Option<Self> {
        let numel = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
        if numel.checked_mul(size_of::<T>())? != bytes.len() {
            return None;
        }
        let values = bytes.chunks_exact(size_of::<T>()).map(T::read_le).collect::<Option<Vec<T>>>()?;
        Some(Self::from_vec(values, Dims::from_slice(shape)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_went() {
        let x = Tensor::from_vec(vec![1.5f32, -0.0, f32::INFINITY, 1e-40, 3.0, 4.0], [2, 3]);
        let back = Tensor::<f32>::from_le_bytes(&x.transpose(0, 1).to_le_bytes(), &[3, 2]).unwrap();
        assert_eq!(back, x.transpose(0, 1));
        let flags = Tensor::from_vec(vec![true, false], [2]);
        assert_eq!(flags.to_le_bytes(), [1, 0]);
        assert_eq!(Tensor::<bool>::from_le_bytes(&[1, 0], &[2]), Some(flags));
    }

    #[test]
    fn bytes_that_do_not_fit_are_refused() {
        assert_eq!(Tensor::<f32>::from_le_bytes(&[0; 7], &[2]), None);
        assert_eq!(Tensor::<f32>::from_le_bytes(&[0; 8], &[usize::MAX, 2]), None);
        assert_eq!(Tensor::<bool>::from_le_bytes(&[2], &[1]), None);
        assert!(Tensor::<i64>::from_le_bytes(&[], &[0, 3]).is_some());
    }
}
