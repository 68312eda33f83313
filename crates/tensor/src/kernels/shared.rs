//! One slice that the pieces of a job write together, each elements of its own.

use std::marker::PhantomData;
use std::ops::Range;

/// A slice borrowed for writing, whose parts are handed out by promise instead of by the borrow checker: pieces that
/// write columns of the same rows cannot be given slices by `chunks_mut`.
pub(crate) struct Shared<'a, T> {
    start: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: the parts are slices of `T`, which may be read and written on any thread; who asks for one promises that it
// is not another's.
unsafe impl<T: Send + Sync> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    pub(crate) fn new(data: &'a mut [T]) -> Self {
        Self { start: data.as_mut_ptr(), len: data.len(), borrow: PhantomData }
    }

    /// The elements of `range` for writing.
    ///
    /// # Safety
    /// While the result is used, nothing else reads or writes these elements.
    #[allow(clippy::mut_from_ref, reason = "the caller promises what the borrow checker cannot see")]
    pub(crate) unsafe fn part_mut(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "a part leaves its slice");
        // SAFETY: the part lies inside the slice that `self` borrows, and the caller keeps others out.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }

    /// The elements of `range`.
    ///
    /// # Safety
    /// While the result is used, nothing writes these elements.
    pub(crate) unsafe fn part(&self, range: Range<usize>) -> &[T] {
        assert!(range.start <= range.end && range.end <= self.len, "a part leaves its slice");
        // SAFETY: the part lies inside the slice that `self` borrows, and the caller keeps writers out.
        unsafe { std::slice::from_raw_parts(self.start.add(range.start), range.len()) }
    }
}
