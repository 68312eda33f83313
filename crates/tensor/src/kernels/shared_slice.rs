//! One slice that the pieces of a job write together, each elements of its own.

use std::marker::PhantomData;
use std::ops::Range;

/// A slice borrowed for writing, whose parts are handed out by promise instead of by the borrow checker: pieces that
/// write columns of the same rows cannot be given slices by `chunks_mut`.
pub(crate) struct SharedSlice<'a, T> {
    start: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: a part for writing is a `&mut [T]` to memory that is nobody else's, by the promise of who asks for it, and
// may go to another thread where `T` may; parts for reading are given out only where `T` may be read on any thread.
unsafe impl<T: Send> Sync for SharedSlice<'_, T> {}

impl<'a, T> SharedSlice<'a, T> {
    pub(crate) fn new(data: &'a mut [T]) -> Self {
        Self { start: data.as_mut_ptr(), len: data.len(), borrow: PhantomData }
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The elements of `range` for writing.
    ///
    /// # Safety
    /// While the result is used, nothing else reads or writes these elements.
    #[expect(clippy::mut_from_ref, reason = "the caller promises what the borrow checker cannot see")]
    pub(crate) unsafe fn part_mut(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "a part leaves its slice");
        // SAFETY: the part lies inside the slice that `self` borrows, and the caller keeps others out.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }
}

impl<T: Sync> SharedSlice<'_, T> {
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
