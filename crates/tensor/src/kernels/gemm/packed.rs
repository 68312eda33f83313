//! A right operand packed once, for products that use it again and again.

use std::ops::Range;

use super::problem::OperandB;
use super::{Accumulate, Epilogue, Gemm, MatrixMut, MatrixRef, raw};
use crate::element::Element;
use crate::storage::Storage;

/// B in the order that tiles read it.
pub(crate) struct PackedB<T: Element> {
    memory: Storage<T>,
    k: usize,
    n: usize,
}

impl<T: Gemm + Element> PackedB<T> {
    /// Packs B of `k` x `n`.
    ///
    /// # Panics
    /// If B leaves its slice.
    pub(crate) fn new(b: MatrixRef<'_, T>, k: usize, n: usize) -> Self {
        assert!(b.holds(k, n), "gemm: a matrix leaves its slice");
        let mut memory = Storage::scratch(T::packed_len(k, n));
        // SAFETY: B holds `k` x `n`, and the memory has room for them.
        unsafe { T::pack(b.strided(), (k, n), memory.make_mut().as_mut_ptr()) };
        Self { memory, k, n }
    }

    /// Columns that are packed together: pieces of a product must begin at multiples of it.
    pub(crate) fn panel() -> usize {
        T::panel()
    }

    fn right(&self, first: usize) -> OperandB<T> {
        OperandB::Packed { start: self.memory.as_slice().as_ptr(), columns: self.n, first }
    }
}

/// The columns in `columns` of `A B`, with a packed B, on the calling thread. C, the bias and what they hold are those
/// of these columns alone; `columns` starts at a multiple of [`PackedB::panel`].
pub(crate) fn gemm_packed_serial<T: Gemm + Element>(
    m: usize,
    a: MatrixRef<'_, T>,
    (b, columns): (&PackedB<T>, Range<usize>),
    c: MatrixMut<'_, T>,
    accumulate: Accumulate<'_, T>,
    epilogue: Epilogue<'_, T>,
) {
    let (first, n) = (columns.start, columns.len());
    assert!(
        a.holds(m, b.k) && c.holds(m, n) && columns.end <= b.n && first.is_multiple_of(T::panel()),
        "gemm: a matrix leaves its slice, or the columns {columns:?} are not those of whole panels"
    );
    let problem = raw((m, b.k, n), a, b.right(first), c, accumulate, epilogue);
    // SAFETY: the matrices lie inside their slices, `b` holds all it was packed from, and C is borrowed for writing.
    unsafe { T::product(&problem) }
}
