//! `Tensor`: the struct and what can be read off it. Everything else is in `create`, `view`, `ops` and `interop`.

use std::fmt;
use std::ops::Deref;

use crate::element::{DType, Element};
use crate::layout::Layout;
use crate::shape::Dims;
use crate::storage::Storage;

/// An n-dimensional array of `T`, with PyTorch's semantics for shapes, views and broadcasting.
///
/// `Clone` copies a pointer. Views share memory; a write to shared memory copies it first, so that no tensor ever
/// changes behind another's back.
///
/// ```
/// use gradus_tensor::Tensor;
///
/// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]);
/// let y = &x.transpose(0, 1) * 2.0;
/// assert_eq!(y.shape(), [3, 2]);
/// assert_eq!(y.to_vec(), [2.0, 8.0, 4.0, 10.0, 6.0, 12.0]);
/// ```
#[derive(Clone)]
pub struct Tensor<T: Element = f32> {
    pub(crate) storage: Storage<T>,
    pub(crate) layout: Layout,
}

impl<T: Element> Tensor<T> {
    /// A row-major tensor over the whole of `storage`.
    pub(crate) fn from_storage(storage: Storage<T>, shape: &[usize]) -> Self {
        debug_assert_eq!(storage.as_slice().len(), crate::shape::numel(shape));
        Self { storage, layout: Layout::contiguous(shape) }
    }

    /// A row-major tensor of `shape`. `fill` writes every element, whatever it finds there, and is not called where
    /// there is none.
    #[track_caller]
    pub(crate) fn build(shape: &[usize], fill: impl FnOnce(&mut [T])) -> Self {
        Self::fill_storage(Storage::scratch(crate::shape::numel(shape)), shape, fill)
    }

    /// A row-major tensor of `shape`. `fill` is given zeros, and not called where there is no element.
    #[track_caller]
    pub(crate) fn build_on_zeros(shape: &[usize], fill: impl FnOnce(&mut [T])) -> Self {
        Self::fill_storage(Storage::zeros(crate::shape::numel(shape)), shape, fill)
    }

    /// Row-major tensors of both shapes. `fill` writes every element of both, whatever it finds there, and is not
    /// called where neither has any.
    #[track_caller]
    pub(crate) fn build2<U: Element>(
        shape: &[usize],
        second_shape: &[usize],
        fill: impl FnOnce(&mut [T], &mut [U]),
    ) -> (Self, Tensor<U>) {
        let mut first = Storage::scratch(crate::shape::numel(shape));
        let mut second = Storage::scratch(crate::shape::numel(second_shape));
        if first.as_slice().len() + second.as_slice().len() > 0 {
            fill(first.make_mut(), second.make_mut());
        }
        (Self::from_storage(first, shape), Tensor::from_storage(second, second_shape))
    }

    fn fill_storage(mut storage: Storage<T>, shape: &[usize], fill: impl FnOnce(&mut [T])) -> Self {
        if !storage.as_slice().is_empty() {
            fill(storage.make_mut());
        }
        Self::from_storage(storage, shape)
    }

    /// Another view of the same memory.
    pub(crate) fn with_layout(&self, shape: Dims, strides: Dims, offset: usize) -> Self {
        Self { storage: self.storage.clone(), layout: Layout { shape, strides, offset } }
    }

    /// The size of each dimension; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    /// The shape as a list of its own.
    #[inline]
    pub fn dims(&self) -> Dims {
        crate::shape::dims(self.shape())
    }

    /// Whether the shape is this one.
    #[inline]
    pub fn has_shape(&self, shape: &[usize]) -> bool {
        crate::shape::same_sizes(self.shape(), shape)
    }

    /// The size of one dimension; negative dimensions count from the end.
    ///
    /// # Panics
    /// If there is no such dimension.
    #[track_caller]
    pub fn size(&self, dim: isize) -> usize {
        self.shape()[crate::shape::resolve_dim("size", dim, self.rank())]
    }

    /// The distance in memory between neighbours along each dimension, in elements.
    pub fn strides(&self) -> &[usize] {
        &self.layout.strides
    }

    /// The number of dimensions (PyTorch's `dim()`).
    pub fn rank(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.layout.numel()
    }

    /// The element type's name.
    pub fn dtype(&self) -> DType {
        T::DTYPE
    }

    /// Whether the elements lie one after the other in row-major order.
    pub fn is_contiguous(&self) -> bool {
        self.layout.is_contiguous()
    }

    /// Whether both tensors are views of the same memory.
    pub fn shares_memory_with(&self, other: &Self) -> bool {
        self.storage.is_same(&other.storage)
    }

    /// The elements in row-major order where they lie so in memory, else `None`; see [`contiguous`](Self::contiguous).
    pub fn as_slice(&self) -> Option<&[T]> {
        let start = self.layout.offset;
        self.is_contiguous().then(|| &self.storage.as_slice()[start..start + self.numel()])
    }

    /// The memory from the first element on, as far as it goes: for kernels that read by strides.
    pub(crate) fn memory_from_first(&self) -> &[T] {
        &self.storage.as_slice()[self.layout.offset..]
    }

    /// This tensor with neighbours of the last dimension side by side: itself where they lie so, else a copy.
    pub(crate) fn with_rows_together(&self) -> Self {
        if self.strides().last() == Some(&1) { self.clone() } else { self.copy() }
    }

    /// The elements for writing, in row-major order. Shared or strided memory is copied first.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        let len = self.numel();
        if !self.is_contiguous() || (!self.storage.is_unique() && self.storage.as_slice().len() != len) {
            *self = self.copy();
        }
        let start = self.layout.offset;
        &mut self.storage.make_mut()[start..start + len]
    }

    /// This tensor in row-major memory: itself where it is so already, else a copy.
    pub fn contiguous(&self) -> Self {
        if self.is_contiguous() { self.clone() } else { self.copy() }
    }

    /// The elements as a row-major slice, copied only where they do not lie so.
    pub(crate) fn row_major(&self) -> RowMajor<T> {
        RowMajor(self.contiguous())
    }

    /// A copy in memory of its own, row-major.
    pub fn copy(&self) -> Self {
        if !self.is_contiguous()
            && let Some(copy) = self.copy_of_channels_last()
        {
            return copy;
        }
        Self::build(self.shape(), |out| match self.as_slice() {
            Some(values) => out.copy_from_slice(values),
            None => crate::kernels::strided::gather(out, &self.view()),
        })
    }

    /// The elements in row-major order.
    pub fn to_vec(&self) -> Vec<T> {
        self.as_slice().map_or_else(|| self.view().iter().copied().collect(), <[T]>::to_vec)
    }

    /// The one element of a tensor that has just one.
    ///
    /// # Panics
    /// If there are more elements or none.
    #[track_caller]
    pub fn item(&self) -> T {
        assert!(self.numel() == 1, "item: a tensor of shape {:?} does not hold exactly one element", self.shape());
        self.storage.as_slice()[self.layout.offset]
    }

    /// The element at `index`.
    ///
    /// # Panics
    /// If the index has the wrong length or is out of range.
    #[track_caller]
    pub fn at(&self, index: &[usize]) -> T {
        assert!(
            index.len() == self.rank() && index.iter().zip(self.shape()).all(|(i, n)| i < n),
            "at: index {index:?} does not fit shape {:?}",
            self.shape()
        );
        let place: usize = index.iter().zip(self.strides()).map(|(i, s)| i * s).sum();
        self.storage.as_slice()[self.layout.offset + place]
    }
}

/// A tensor in row-major memory: derefs to its elements.
pub(crate) struct RowMajor<T: Element>(Tensor<T>);

impl<T: Element> Deref for RowMajor<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_slice().expect("row_major made it contiguous")
    }
}

/// Equal shapes and equal elements. NaN differs from itself.
impl<T: Element> PartialEq for Tensor<T> {
    fn eq(&self, other: &Self) -> bool {
        self.shape() == other.shape() && self.view() == other.view()
    }
}

/// The values nested in brackets, as ndarray prints them (long ones shortened), then the shape.
impl<T: Element> fmt::Display for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.view(), f)?;
        write!(f, " shape={:?} dtype={}", self.shape(), self.dtype())
    }
}

impl<T: Element> fmt::Debug for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
