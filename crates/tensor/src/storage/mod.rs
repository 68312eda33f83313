//! The memory behind tensors: 64-byte aligned, shared by clones and views, copied on the first write to shared memory.

mod pool;

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

pub use pool::{Usage, release, set_limit, usage};

use crate::element::{DType, Element};
use crate::parallel::{GRAIN, for_each_piece};
use pool::Block;

/// Shared elements. `Clone` copies a pointer.
#[derive(Clone)]
pub(crate) struct Storage<T: Element> {
    buffer: Arc<Buffer<T>>,
}

impl<T: Element> Storage<T> {
    /// `len` elements that hold arbitrary values.
    pub(crate) fn scratch(len: usize) -> Self {
        Self { buffer: Arc::new(Buffer::scratch(len)) }
    }

    /// `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        let mut storage = Self::scratch(len);
        for_each_piece(storage.make_mut(), GRAIN * 4, |_, piece| piece.fill(T::default()));
        storage
    }

    /// A copy of `values`.
    pub(crate) fn from_slice(values: &[T]) -> Self {
        let mut storage = Self::scratch(values.len());
        for_each_piece(storage.make_mut(), GRAIN * 4, |start, piece| {
            piece.copy_from_slice(&values[start..start + piece.len()]);
        });
        storage
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        self.buffer.as_slice()
    }

    /// Whether no other tensor reads this memory.
    pub(crate) fn is_unique(&mut self) -> bool {
        Arc::get_mut(&mut self.buffer).is_some()
    }

    /// The elements for writing; memory that other tensors read is copied first.
    pub(crate) fn make_mut(&mut self) -> &mut [T] {
        if !self.is_unique() {
            *self = Self::from_slice(self.as_slice());
        }
        Arc::get_mut(&mut self.buffer).expect("the buffer was made unique above").as_mut_slice()
    }

    /// Whether both handles are of the same memory.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.buffer, &other.buffer)
    }
}

struct Buffer<T: Element> {
    /// `None` where there is no element.
    block: Option<Block>,
    len: usize,
    elements: PhantomData<T>,
}

impl<T: Element> Buffer<T> {
    /// `len` elements that hold arbitrary values; `false` for bool, of which not every byte is one.
    fn scratch(len: usize) -> Self {
        let bytes = len.checked_mul(size_of::<T>()).filter(|&bytes| bytes <= isize::MAX as usize / 2);
        let bytes = bytes.unwrap_or_else(|| panic!("a tensor of {len} elements of {} is larger than memory", T::DTYPE));
        let block = (bytes > 0).then(|| Block::take(bytes));
        if let (DType::Bool, Some(block)) = (T::DTYPE, &block) {
            // SAFETY: the block holds at least `bytes` bytes and nobody else has it.
            unsafe { block.start().as_ptr().write_bytes(0, bytes) };
        }
        Self { block, len, elements: PhantomData }
    }

    fn start(&self) -> NonNull<T> {
        self.block.as_ref().map_or(NonNull::dangling(), |block| block.start().cast())
    }

    fn as_slice(&self) -> &[T] {
        // SAFETY: the block holds `len` elements, aligned, all of them initialised (blocks always are, and every bit
        // pattern is a value of every `Element` but bool, which `scratch` sets), and `&self` keeps writers out.
        unsafe { std::slice::from_raw_parts(self.start().as_ptr(), self.len) }
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as for `as_slice`; `&mut self` makes this the only access.
        unsafe { std::slice::from_raw_parts_mut(self.start().as_ptr(), self.len) }
    }
}

impl<T: Element> Drop for Buffer<T> {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
            block.give_back();
        }
    }
}

// SAFETY: a buffer owns its elements, as a `Vec` does, and `Element` is `Send`.
unsafe impl<T: Element> Send for Buffer<T> {}
// SAFETY: shared access only reads, and `Element` is `Sync`.
unsafe impl<T: Element> Sync for Buffer<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_aligned_and_zero() {
        for len in [1, 3, 1000, if cfg!(miri) { 5000 } else { 1 << 20 }] {
            let mut used = Storage::<f32>::scratch(len);
            used.make_mut().fill(7.0);
            drop(used);
            let storage = Storage::<f32>::zeros(len);
            assert_eq!(storage.as_slice().as_ptr() as usize % pool::ALIGNMENT, 0);
            assert!(storage.as_slice().iter().all(|&x| x == 0.0));
        }
        assert!(Storage::<u8>::zeros(0).as_slice().is_empty());
    }

    #[test]
    fn a_write_to_shared_memory_copies_it_first() {
        let mut a = Storage::from_slice(&[1i64, 2]);
        let b = a.clone();
        a.make_mut()[0] = 7;
        assert_eq!((a.as_slice(), b.as_slice()), (&[7, 2][..], &[1, 2][..]));
        let before = a.as_slice().as_ptr();
        a.make_mut()[1] = 8;
        assert_eq!(a.as_slice().as_ptr(), before, "unshared memory is written in place");
    }
}
