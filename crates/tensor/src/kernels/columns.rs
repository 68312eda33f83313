//! Sums of columns: what the gradients of biases and of broadcasts are.

use crate::element::Float;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{GRAIN, for_each_piece};
use crate::storage::Storage;

/// Columns that are summed side by side in registers.
const LANES: usize = 32;

/// Rows that are added up one by one: longer columns are sums of such sums, which keeps them accurate.
const ROWS: usize = 64;

/// Blocks of rows from which on they, and not the columns, are cut for threads.
const BLOCKS: usize = 4;

/// Columns of several narrow rows made one.
const WIDE: usize = 128;

/// Columns in a piece, where columns are cut.
const WIDTH: usize = 1024;

/// `out[c]` = the sum of `x[.., c]`, on all threads. There are columns.
pub(crate) fn sum<T: Float>(out: &mut [T], x: &[T]) {
    let columns = out.len();
    let rows = x.len() / columns;
    let together = WIDE / columns;
    if together > 1 && rows >= BLOCKS * together {
        // Several rows as one, so that there are enough columns for vectors; what is left at the end by itself.
        let (whole, rest) = x.split_at(rows / together * together * columns);
        let mut room = [T::zero(); 2 * WIDE];
        let (wide, last) = room.split_at_mut(together * columns);
        sum(wide, whole);
        sum_serial(out, wide);
        let last = &mut last[..columns];
        sum_serial(last, rest);
        return out.iter_mut().zip(last).for_each(|(out, &mut x)| *out += x);
    }
    if rows < BLOCKS * ROWS {
        return for_each_piece(out, (GRAIN / rows.max(1)).max(WIDTH), |start, out| {
            dispatch(Columns { sums: out, x, columns, start });
        });
    }
    let together = (GRAIN / columns).next_multiple_of(ROWS).max(ROWS);
    let mut partial = Storage::scratch(rows.div_ceil(together) * columns);
    for_each_piece(partial.make_mut(), columns, |start, sums| {
        let x = &x[start * together..];
        dispatch(Columns { sums, x: &x[..x.len().min(together * columns)], columns, start: 0 });
    });
    sum(out, partial.as_slice());
}

/// [`sum`] on the calling thread; for columns that are short.
pub(crate) fn sum_serial<T: Float>(out: &mut [T], x: &[T]) {
    dispatch(Columns { columns: out.len(), sums: out, x, start: 0 });
}

/// `sums[c]` = the sum of `x[.., start + c]`, rows of x being `columns` long.
struct Columns<'a, T> {
    sums: &'a mut [T],
    x: &'a [T],
    columns: usize,
    start: usize,
}

impl<T: Float> Kernel for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { sums, x, columns, start } = self;
        sums.fill(T::zero());
        for x in x.chunks(ROWS * columns) {
            let (whole, rest) = sums.as_chunks_mut::<LANES>();
            let from = start + whole.len() * LANES;
            for (i, sums) in whole.iter_mut().enumerate() {
                let mut lanes = [T::zero(); LANES];
                for row in x.chunks_exact(columns) {
                    let row = &row[start + i * LANES..][..LANES];
                    for c in 0..LANES {
                        lanes[c] += row[c];
                    }
                }
                for c in 0..LANES {
                    sums[c] += lanes[c];
                }
            }
            let mut lanes = [T::zero(); LANES];
            for row in x.chunks_exact(columns) {
                lanes.iter_mut().zip(&row[from..from + rest.len()]).for_each(|(sum, &x)| *sum += x);
            }
            rest.iter_mut().zip(lanes).for_each(|(sum, x)| *sum += x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_equal_their_naive_sums() {
        for rows in [0, 1, 2, 63, 64, 65, 255, 256, 700, 20_000] {
            for columns in [1, 3, 16, 31, 32, 33, 100, 2050] {
                if rows * columns > if cfg!(miri) { 3000 } else { 2_000_000 } {
                    continue;
                }
                let x: Vec<f64> = (0..rows * columns).map(|i| (i * 7 % 17) as f64).collect();
                let mut want = vec![0.0; columns];
                for row in x.chunks(columns) {
                    want.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                }
                let mut out = vec![f64::NAN; columns];
                sum(&mut out, &x);
                assert_eq!(out, want, "{rows} x {columns}");
                out.fill(f64::NAN);
                sum_serial(&mut out, &x);
                assert_eq!(out, want, "{rows} x {columns} on one thread");
            }
        }
    }

    #[test]
    fn twenty_million_ones_add_up_in_f32() {
        let mut out = [f32::NAN];
        sum(&mut out, &vec![1.0; if cfg!(miri) { 2000 } else { 20_000_000 }]);
        assert_eq!(out, [if cfg!(miri) { 2000.0 } else { 20_000_000.0 }]);
    }
}
