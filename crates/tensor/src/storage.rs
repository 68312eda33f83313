//! The memory behind tensors: 64-byte aligned, shared by clones and views, copied on the first write to shared memory.

use std::alloc::{Layout as AllocLayout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::element::Element;

/// A cache line, and the width of the widest vector register.
const ALIGNMENT: usize = 64;

/// Shared elements. `Clone` copies a pointer.
#[derive(Clone)]
pub(crate) struct Storage<T: Element> {
    buffer: Arc<Buffer<T>>,
}

impl<T: Element> Storage<T> {
    /// `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        Self { buffer: Arc::new(Buffer::zeros(len)) }
    }

    /// A copy of `values`.
    pub(crate) fn from_slice(values: &[T]) -> Self {
        let mut storage = Self::zeros(values.len());
        storage.make_mut().copy_from_slice(values);
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
    start: NonNull<T>,
    len: usize,
}

impl<T: Element> Buffer<T> {
    fn zeros(len: usize) -> Self {
        if len == 0 {
            return Self { start: NonNull::dangling(), len };
        }
        let layout = Self::layout(len);
        // SAFETY: the layout's size is not zero, since `len` is not and no element is zero-sized.
        let start = unsafe { alloc_zeroed(layout) }.cast::<T>();
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        Self { start, len }
    }

    fn layout(len: usize) -> AllocLayout {
        AllocLayout::array::<T>(len)
            .and_then(|layout| layout.align_to(ALIGNMENT))
            .unwrap_or_else(|_| panic!("a tensor of {len} elements of {} is larger than memory", T::DTYPE))
    }

    fn as_slice(&self) -> &[T] {
        // SAFETY: `start` points to `len` elements that `zeros` allocated, all of them initialised (zero bytes are a
        // valid value of every `Element`), and `&self` keeps writers out.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as for `as_slice`; `&mut self` makes this the only access.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Element> Drop for Buffer<T> {
    fn drop(&mut self) {
        if self.len != 0 {
            // SAFETY: `start` came from `alloc_zeroed` with this same layout, and is freed once, here.
            unsafe { dealloc(self.start.as_ptr().cast(), Self::layout(self.len)) }
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
        for len in [1, 3, 1000] {
            let storage = Storage::<f32>::zeros(len);
            assert_eq!(storage.as_slice().as_ptr() as usize % ALIGNMENT, 0);
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
