//! Matrix products by matrixmultiply, cut into pieces for threads by the problem's size alone.

use crate::parallel::for_each_index;

#[allow(dead_code, reason = "the products move onto it next")]
pub(crate) mod tile;
pub(crate) mod vector;

/// Multiply-adds that one piece of a product does at least.
const PIECE: usize = 1 << 20;

/// Pieces that one product is cut into at most: B is packed again for each.
const MOST_PIECES: usize = 16;

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

impl<'a, T> MatrixRef<'a, T> {
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
}

/// A float for which matrixmultiply has a kernel.
pub trait Gemm: Copy + Send + Sync + 'static {
    /// `C = A B + beta C` for A of `m` x `k`, B of `k` x `n`, and C of `m` x `n` at `c`.
    ///
    /// # Safety
    /// `a` and `b` must point to elements that the sizes and strides keep inside live memory, and `c` to `m` x `n`
    /// elements that nobody else reads or writes meanwhile.
    #[doc(hidden)]
    unsafe fn gemm_raw(
        sizes: (usize, usize, usize),
        a: (*const Self, isize, isize),
        b: (*const Self, isize, isize),
        beta: Self,
        c: (*mut Self, isize, isize),
    );

    /// `C = A B`.
    #[doc(hidden)]
    const REPLACE: Self;
    /// `C = A B + C`.
    #[doc(hidden)]
    const ACCUMULATE: Self;
}

macro_rules! gemm_by_matrixmultiply {
    ($($t:ty => $function:ident),*) => {$(
        impl Gemm for $t {
            const REPLACE: Self = 0.0;
            const ACCUMULATE: Self = 1.0;

            unsafe fn gemm_raw(
                (m, k, n): (usize, usize, usize),
                (a, rsa, csa): (*const Self, isize, isize),
                (b, rsb, csb): (*const Self, isize, isize),
                beta: Self,
                (c, rsc, csc): (*mut Self, isize, isize),
            ) {
                // SAFETY: the caller keeps the promises of this function, which are matrixmultiply's own.
                unsafe { matrixmultiply::$function(m, k, n, 1.0, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc) }
            }
        }
    )*};
}
gemm_by_matrixmultiply!(f32 => sgemm, f64 => dgemm);

/// What becomes of the product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accumulate {
    /// It takes the place of what C held.
    Replace,
    /// It is added to what C holds.
    Add,
}

/// `C = A B` or `C += A B` for A of `m` x `k`, B of `k` x `n`, and row-major C of `m` x `n`, on all threads.
///
/// C is cut over rows or columns, never over `k`, so that an element's sum does not depend on the cut.
pub(crate) fn gemm<T: Gemm>(
    (m, k, n): (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    accumulate: Accumulate,
    c: &mut [T],
) {
    let pieces = (m.saturating_mul(n).saturating_mul(k) / PIECE).clamp(1, MOST_PIECES);
    check(m, k, n, a, b, c);
    let by_rows = m >= n;
    let along = if by_rows { m } else { n };
    // Whole tiles of matrixmultiply's widest kernel, 16 x 16.
    let size = along.div_ceil(pieces).next_multiple_of(16);
    let target = SharedOutput(c.as_mut_ptr());
    for_each_index(along.div_ceil(size), |piece| {
        let (start, end) = (piece * size, ((piece + 1) * size).min(along));
        let (rows, columns) = if by_rows { (start..end, 0..n) } else { (0..m, start..end) };
        let beta = if accumulate == Accumulate::Add { T::ACCUMULATE } else { T::REPLACE };
        // SAFETY: `check` showed that all rows and columns of A, B and C lie inside their slices, and this piece takes
        // rows or columns of C that no other piece takes, so nobody else touches them.
        unsafe {
            T::gemm_raw(
                (rows.len(), k, columns.len()),
                (a.data.as_ptr().add(rows.start * a.row_stride), a.row_stride as isize, a.column_stride as isize),
                (b.data.as_ptr().add(columns.start * b.column_stride), b.row_stride as isize, b.column_stride as isize),
                beta,
                (target.at(rows.start * n + columns.start), n as isize, 1),
            );
        }
    });
}

/// The same on the calling thread alone, for use inside a piece of larger work.
pub(crate) fn gemm_serial<T: Gemm>(
    (m, k, n): (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    accumulate: Accumulate,
    c: &mut [T],
) {
    check(m, k, n, a, b, c);
    let beta = if accumulate == Accumulate::Add { T::ACCUMULATE } else { T::REPLACE };
    // SAFETY: `check` showed that A, B and C lie inside their slices, and `c` is borrowed for writing.
    unsafe {
        T::gemm_raw(
            (m, k, n),
            (a.data.as_ptr(), a.row_stride as isize, a.column_stride as isize),
            (b.data.as_ptr(), b.row_stride as isize, b.column_stride as isize),
            beta,
            (c.as_mut_ptr(), n as isize, 1),
        );
    }
}

fn check<T>(m: usize, k: usize, n: usize, a: MatrixRef<'_, T>, b: MatrixRef<'_, T>, c: &[T]) {
    assert!(a.holds(m, k) && b.holds(k, n) && c.len() == m * n, "gemm: a matrix leaves its slice");
}

/// A pointer that the pieces of one product share, each writing elements of its own.
struct SharedOutput<T>(*mut T);

impl<T> SharedOutput<T> {
    /// The place of element `index`; through a method, so that closures capture the whole wrapper.
    fn at(&self, index: usize) -> *mut T {
        self.0.wrapping_add(index)
    }
}

// SAFETY: `gemm` hands each piece a part of the output that no other piece touches, and waits for all of them before
// the output's borrow ends.
unsafe impl<T: Send> Sync for SharedOutput<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(m: usize, k: usize, n: usize, a: MatrixRef<'_, f64>, b: MatrixRef<'_, f64>) -> Vec<f64> {
        let at = |x: &MatrixRef<'_, f64>, i: usize, j: usize| x.data[i * x.row_stride + j * x.column_stride];
        let mut c = vec![0.0; m * n];
        for i in 0..m {
            for j in 0..n {
                c[i * n + j] = (0..k).map(|p| at(&a, i, p) * at(&b, p, j)).sum();
            }
        }
        c
    }

    #[test]
    fn products_equal_the_naive_sum_in_every_layout_and_cut() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 7), (0, 2, 3), (2, 0, 3), (200, 300, 50), (50, 300, 200), (129, 64, 130)] {
            let a: Vec<f64> = (0..m * k).map(|i| ((i * 37 % 101) as f64 - 50.0) / 50.0).collect();
            let b: Vec<f64> = (0..k * n).map(|i| ((i * 53 % 97) as f64 - 48.0) / 48.0).collect();
            let plain = |data, rows, columns, transposed| match transposed {
                false => MatrixRef::row_major(data, columns),
                true => MatrixRef::row_major(data, rows).transposed(),
            };
            for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
                let (a, b) = (plain(&a, m, k, ta), plain(&b, k, n, tb));
                let want = naive(m, k, n, a, b);
                let close = |c: &[f64], scale: f64| c.iter().zip(&want).all(|(x, y)| (x - scale * y).abs() < 1e-10);
                let mut c = vec![f64::NAN; m * n];
                gemm((m, k, n), a, b, Accumulate::Replace, &mut c);
                assert!(close(&c, 1.0), "{m}x{k}x{n}, transposed: {ta} {tb}");
                gemm((m, k, n), a, b, Accumulate::Add, &mut c);
                assert!(close(&c, 2.0), "{m}x{k}x{n} accumulated, transposed: {ta} {tb}");
                let mut serial = vec![f64::NAN; m * n];
                gemm_serial((m, k, n), a, b, Accumulate::Replace, &mut serial);
                assert!(close(&serial, 1.0), "{m}x{k}x{n} serial, transposed: {ta} {tb}");
            }
        }
    }
}
