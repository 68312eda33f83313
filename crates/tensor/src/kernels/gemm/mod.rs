//! Matrix products: f32 on tiles of our own, f64 by matrixmultiply, cut for threads.
//!
//! [`tile`] is the block of C in registers ([`body`] its loops, [`levels`] their functions for each set of vector
//! instructions), [`blocked`] cuts a product into tiles and decides what is packed, [`pack`] copies operands in the
//! order that tiles read them, [`packed`] keeps such copies, [`double`] does all this for f64, and this file checks
//! sizes and cuts C for threads.

use crate::parallel::{for_each_index, threads};

mod blocked;
mod body;
mod double;
mod epilogue;
mod float;
mod levels;
mod pack;
mod packed;
mod problem;
pub(crate) mod register_tile;
pub(crate) mod tile;
pub(crate) mod vector;

pub use epilogue::Activation;
pub(crate) use epilogue::{Accumulate, Epilogue};
pub(crate) use float::Gemm;
pub(crate) use packed::{PackedB, gemm_packed_serial};
use problem::{OperandB, Problem, Strided};

/// Multiply-adds below which a product stays on the calling thread.
const SMALL: usize = 1 << 19;

/// A matrix inside a slice: element `[i, j]` is at `i * row_stride + j * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct MatrixRef<'a, T> {
    /// The elements.
    pub(crate) data: &'a [T],
    /// The distance between rows.
    pub(crate) row_stride: usize,
    /// The distance between columns.
    pub(crate) column_stride: usize,
}

impl<'a, T: Copy> MatrixRef<'a, T> {
    /// Rows of `columns` elements, one after the other.
    pub(crate) fn row_major(data: &'a [T], columns: usize) -> Self {
        Self { data, row_stride: columns, column_stride: 1 }
    }

    /// Rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Self { data: self.data, row_stride: self.column_stride, column_stride: self.row_stride }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        rows == 0 || columns == 0 || (rows - 1) * self.row_stride + (columns - 1) * self.column_stride < self.data.len()
    }

    fn strided(&self) -> Strided<T> {
        Strided { start: self.data.as_ptr(), row_stride: self.row_stride, column_stride: self.column_stride }
    }
}

/// A matrix of contiguous rows to write: element `[i, j]` is at `i * row_stride + j`.
pub(crate) struct MatrixMut<'a, T> {
    /// The elements.
    pub(crate) data: &'a mut [T],
    /// The distance between rows, at least their length.
    pub(crate) row_stride: usize,
}

impl<'a, T> MatrixMut<'a, T> {
    /// Rows of `columns` elements, one after the other.
    pub(crate) fn row_major(data: &'a mut [T], columns: usize) -> Self {
        Self { data, row_stride: columns }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        rows == 0
            || columns == 0
            || (rows == 1 || columns <= self.row_stride) && (rows - 1) * self.row_stride + columns <= self.data.len()
    }
}

/// `C = A B` or `C += A B` for A of `m` x `k`, B of `k` x `n`, and C of `m` x `n`, on all threads.
///
/// C is cut over rows and columns, never over `k`, so that an element's sum does not depend on the cut.
pub(crate) fn gemm<T: Gemm>(
    sizes: (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    c: MatrixMut<'_, T>,
    accumulate: Accumulate<'_, T>,
) {
    gemm_with(sizes, a, b, c, accumulate, Epilogue::NONE);
}

/// [`gemm`], then the epilogue.
pub(crate) fn gemm_with<T: Gemm>(
    sizes: (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    c: MatrixMut<'_, T>,
    accumulate: Accumulate<'_, T>,
    epilogue: Epilogue<'_, T>,
) {
    let problem = checked(sizes, a, b, c, accumulate, epilogue);
    // SAFETY: `checked` showed that the matrices lie inside their slices, and C is borrowed for writing.
    unsafe { on_threads(&problem) }
}

/// [`gemm`] on the calling thread alone, for use inside a piece of larger work.
pub(crate) fn gemm_serial<T: Gemm>(
    sizes: (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    c: MatrixMut<'_, T>,
    accumulate: Accumulate<'_, T>,
) {
    let problem = checked(sizes, a, b, c, accumulate, Epilogue::NONE);
    // SAFETY: `checked` showed that the matrices lie inside their slices, and C is borrowed for writing.
    unsafe { T::product(&problem) }
}

/// The problem, oriented as it is computed best, if all matrices lie inside their slices.
#[track_caller]
fn checked<T: Gemm>(
    (m, k, n): (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    c: MatrixMut<'_, T>,
    accumulate: Accumulate<'_, T>,
    epilogue: Epilogue<'_, T>,
) -> Problem<T> {
    assert!(a.holds(m, k) && b.holds(k, n) && c.holds(m, n), "gemm: a matrix leaves its slice");
    T::oriented(raw((m, k, n), a, OperandB::Strided(b.strided()), c, accumulate, epilogue))
}

fn raw<T: Gemm>(
    (m, k, n): (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: OperandB<T>,
    c: MatrixMut<'_, T>,
    accumulate: Accumulate<'_, T>,
    epilogue: Epilogue<'_, T>,
) -> Problem<T> {
    assert!(epilogue.bias.is_none_or(|bias| bias.len() == n), "gemm: the bias is not as long as the rows");
    // One pointer for writing and reading: a second one would be invalid after the first.
    let start = c.data.as_mut_ptr();
    let (addend, addend_row_stride) = match accumulate {
        Accumulate::Replace => (std::ptr::null(), 0),
        Accumulate::Add => (start.cast_const(), c.row_stride),
        Accumulate::Residual(data, row_stride) => {
            let residual = MatrixRef { data, row_stride, column_stride: 1 };
            assert!(residual.holds(m, n), "gemm: the residual leaves its slice");
            (data.as_ptr(), row_stride)
        }
    };
    Problem {
        m,
        k,
        n,
        a: a.strided(),
        b,
        c: start,
        c_row_stride: c.row_stride,
        transposed: false,
        addend,
        addend_row_stride,
        bias: epilogue.bias.map_or(std::ptr::null(), <[T]>::as_ptr),
        activation: epilogue.activation,
    }
}

/// Computes the problem on all threads, if it is large enough.
///
/// # Safety
/// As for [`Gemm::product`].
unsafe fn on_threads<T: Gemm>(problem: &Problem<T>) {
    let work = problem.m.saturating_mul(problem.n).saturating_mul(problem.k);
    let threads = if work < 2 * SMALL { 1 } else { threads().min(work / SMALL) };
    let (rows, columns) = if threads == 1 { (1, 1) } else { grid::<T>(problem, threads) };
    if rows * columns == 1 {
        // SAFETY: the caller's promises.
        return unsafe { T::product(problem) };
    }
    let cut = |length: usize, unit: usize, parts: usize, i: usize| {
        let units = length.div_ceil(unit);
        (units * i / parts * unit).min(length)..(units * (i + 1) / parts * unit).min(length)
    };
    let problem = *problem;
    for_each_index(rows * columns, |i| {
        let r = cut(problem.m, if columns == 1 { 1 } else { T::rows() }, rows, i / columns);
        let c = cut(problem.n, T::panel(), columns, i % columns);
        // SAFETY: the caller's promises, and no two parts share an element of C.
        unsafe { T::product(&problem.part(r, c)) }
    });
}

/// Into how many parts rows and columns are cut: as many as threads, where the slowest part is fastest.
fn grid<T: Gemm>(problem: &Problem<T>, threads: usize) -> (usize, usize) {
    let along = |length: usize, unit: usize, parts: usize| length.div_ceil(unit).div_ceil(parts) * unit;
    let cost = |&(rows, columns): &(usize, usize)| {
        let (m, n) = (along(problem.m, 1, rows), along(problem.n, T::panel(), columns));
        // Multiply-adds, and what touching the operands costs, in multiply-adds.
        m * n + PACK_COST * (n + m / 4)
    };
    (1..=threads).map(|rows| (rows, threads / rows)).min_by_key(cost).unwrap_or((1, 1))
}

/// What packing an element of B costs, in multiply-adds.
const PACK_COST: usize = 6;

#[cfg(test)]
mod tests;
