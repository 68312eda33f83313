//! New tensors from values.

use num_traits::One;

use crate::element::Element;
use crate::shape::numel;
use crate::storage::Storage;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// A tensor of `shape` that holds `values` in row-major order. They are copied, since tensor memory is aligned to
    /// 64 bytes.
    ///
    /// # Panics
    /// If the number of values is not the shape's.
    #[track_caller]
    pub fn from_vec(values: Vec<T>, shape: impl AsRef<[usize]>) -> Self {
        Self::from_slice(&values, shape)
    }

    /// A tensor of `shape` that holds a copy of `values` in row-major order.
    ///
    /// # Panics
    /// If the number of values is not the shape's.
    #[track_caller]
    pub fn from_slice(values: &[T], shape: impl AsRef<[usize]>) -> Self {
        let shape = shape.as_ref();
        assert!(
            values.len() == numel(shape),
            "from_slice: {} values do not fill shape {shape:?}, which has {}",
            values.len(),
            numel(shape)
        );
        Self::from_storage(Storage::from_slice(values), shape)
    }

    /// A tensor whose element at row-major position `i` is `f(i)`.
    #[track_caller]
    pub fn from_fn(shape: impl AsRef<[usize]>, f: impl Fn(usize) -> T) -> Self {
        Self::build(shape.as_ref(), |out| out.iter_mut().enumerate().for_each(|(i, x)| *x = f(i)))
    }

    /// A tensor without dimensions that holds one value.
    pub fn scalar(value: T) -> Self {
        Self::from_slice(&[value], [])
    }

    /// `shape` filled with `value`.
    #[track_caller]
    pub fn full(shape: impl AsRef<[usize]>, value: T) -> Self {
        Self::build(shape.as_ref(), |out| out.fill(value))
    }

    /// `shape` filled with zeros (`false` for bool).
    #[track_caller]
    pub fn zeros(shape: impl AsRef<[usize]>) -> Self {
        Self::build_on_zeros(shape.as_ref(), |_| ())
    }

    /// `shape` filled with ones.
    #[track_caller]
    pub fn ones(shape: impl AsRef<[usize]>) -> Self
    where
        T: One,
    {
        Self::full(shape, T::one())
    }
}

impl Tensor<i64> {
    /// The integers from 0 to `n - 1`.
    pub fn arange(n: usize) -> Self {
        Self::from_fn([n], |i| i as i64)
    }
}
