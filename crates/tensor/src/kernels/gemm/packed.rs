//! A right operand packed once, for products that use it again and again.

use std::ops::Range;

use super::problem::Right;
use super::{Accumulate, Epilogue, Gemm, MatrixMut, MatrixRef, on_threads, raw};

/// B in the order that tiles read it.
pub(crate) struct PackedB<T> {
    memory: Vec<T>,
    /// Elements before the first that is aligned to a cache line.
    skipped: usize,
    k: usize,
    n: usize,
}

impl<T: Gemm + Default> PackedB<T> {
    /// Packs B of `k` x `n`.
    ///
    /// # Panics
    /// If B leaves its slice.
    pub(crate) fn new(b: MatrixRef<'_, T>, k: usize, n: usize) -> Self {
        assert!(b.holds(k, n), "gemm: a matrix leaves its slice");
        let line = 64 / size_of::<T>();
        let mut memory = vec![T::default(); T::packed_len(k, n) + line];
        let skipped = memory.as_ptr().align_offset(64).min(line);
        // SAFETY: B holds `k` x `n`, and the memory has room for them after less than a line.
        unsafe { T::pack(b.strided(), (k, n), memory.as_mut_ptr().add(skipped)) };
        Self { memory, skipped, k, n }
    }

    /// Columns that are packed together: pieces of a product must begin at multiples of it.
    pub(crate) fn panel() -> usize {
        T::panel()
    }

    fn right(&self, first: usize) -> Right<T> {
        Right::Packed { start: self.memory[self.skipped..].as_ptr(), columns: self.n, first }
    }
}

/// `C = A B` or `C += A B` with a packed B, then the epilogue, on all threads.
pub(crate) fn gemm_packed<T: Gemm + Default>(
    m: usize,
    a: MatrixRef<'_, T>,
    b: &PackedB<T>,
    c: MatrixMut<'_, T>,
    accumulate: Accumulate,
    epilogue: Epilogue<'_, T>,
) {
    assert!(a.holds(m, b.k) && c.holds(m, b.n), "gemm: a matrix leaves its slice");
    let problem = raw((m, b.k, b.n), a, b.right(0), c, accumulate, epilogue);
    // SAFETY: the matrices lie inside their slices, `b` holds all it was packed from, and C is borrowed for writing.
    unsafe { on_threads(&problem) }
}

/// The columns in `columns` of `A B`, with a packed B, on the calling thread. C, the bias and what they hold are those of
/// these columns alone; `columns` starts at a multiple of [`PackedB::panel`].
pub(crate) fn gemm_packed_serial<T: Gemm + Default>(
    m: usize,
    a: MatrixRef<'_, T>,
    (b, columns): (&PackedB<T>, Range<usize>),
    c: MatrixMut<'_, T>,
    accumulate: Accumulate,
    epilogue: Epilogue<'_, T>,
) {
    let (first, n) = (columns.start, columns.len());
    assert!(
        a.holds(m, b.k) && c.holds(m, n) && columns.end <= b.n && first.is_multiple_of(T::panel()),
        "gemm: a matrix leaves its slice, or the columns {columns:?} are not those of whole panels"
    );
    let problem = raw((m, b.k, n), a, b.right(first), c, accumulate, epilogue);
    // SAFETY: as for `gemm_packed`.
    unsafe { T::product(&problem) }
}
