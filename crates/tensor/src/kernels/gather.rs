//! Rows picked by index, and rows added up by index.

use crate::element::Float;
use crate::parallel::{GRAIN, for_each_piece, rows_per_piece};

/// Row `i` of `out` is row `indices[i]` of `x`, rows being `width` wide. Indices must be in range.
pub(crate) fn rows<T: Copy>(out: &mut [T], x: &[T], indices: &[usize], width: usize) {
    for (out, &index) in out.chunks_mut(width.max(1)).zip(indices) {
        out.copy_from_slice(&x[index * width..(index + 1) * width]);
    }
}

/// The same for indices of a model's input, on all threads.
pub(crate) fn embedding<T: Copy + Send + Sync>(out: &mut [T], table: &[T], indices: &[i64], width: usize) {
    let rows = rows_per_piece(width);
    for_each_piece(out, rows * width, |start, out| {
        for (out, &index) in out.chunks_mut(width).zip(&indices[start / width..]) {
            let from = index as usize * width;
            out.copy_from_slice(&table[from..from + width]);
        }
    });
}

/// `out[o, j, i] = x[o, indices[j], i]`, for `(entries, inner)` the sizes of the last two dimensions of `x`.
pub(crate) fn entries<T: Copy + Send + Sync>(
    out: &mut [T],
    x: &[T],
    indices: &[i64],
    (entries, inner): (usize, usize),
) {
    let block = indices.len() * inner;
    let outers = rows_per_piece(block);
    for_each_piece(out, outers * block, |start, out| {
        for (out, x) in out.chunks_mut(block).zip(x[start / block * entries * inner..].chunks(entries * inner)) {
            for (out, &index) in out.chunks_mut(inner).zip(indices) {
                let from = index as usize * inner;
                out.copy_from_slice(&x[from..from + inner]);
            }
        }
    });
}

/// `out[o, v, i]` = the sum of the `x[o, j, i]` with `indices[j] == v`, in their order.
pub(crate) fn sum_entries<T: Float>(out: &mut [T], x: &[T], indices: &[i64], (entries, inner): (usize, usize)) {
    let block = entries * inner;
    if out.len() == block {
        return sum_rows(out, x, indices, inner);
    }
    let from = indices.len() * inner;
    let outers = rows_per_piece(block);
    for_each_piece(out, outers * block, |start, out| {
        out.fill(T::zero());
        for (o, out) in out.chunks_mut(block).enumerate() {
            add_to_piece(out, 0, &x[(start / block + o) * from..][..from], indices, inner);
        }
    });
}

/// Row `v` of `out` is the sum of the rows `i` of `x` with `indices[i] == v`, in their order.
///
/// The table is cut over its rows, and each piece looks through all indices: they are few beside what is added.
pub(crate) fn sum_rows<T: Float>(out: &mut [T], x: &[T], indices: &[i64], width: usize) {
    let pieces = (out.len() + x.len()) / GRAIN;
    for_rows(out, width, pieces, |first, out| {
        out.fill(T::zero());
        add_to_piece(out, first, x, indices, width);
    });
}

/// [`sum_rows`] added to what `out` holds: the other rows are not touched.
pub(crate) fn add_rows<T: Float>(out: &mut [T], x: &[T], indices: &[i64], width: usize) {
    for_rows(out, width, x.len() / GRAIN, |first, out| add_to_piece(out, first, x, indices, width));
}

/// Cuts the rows of `out` into about `pieces` and calls `f` with the first of each.
fn for_rows<T: Float>(out: &mut [T], width: usize, pieces: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    /// Pieces at most, so that looking through the indices stays cheap.
    const PIECES: usize = 64;
    let rows = (out.len() / width.max(1)).div_ceil(pieces.clamp(1, PIECES)).max(1);
    for_each_piece(out, rows * width, |start, out| f(start / width, out));
}

/// Adds the rows of `x` whose indices are those of `out`, whose first row is `first`.
fn add_to_piece<T: Float>(out: &mut [T], first: usize, x: &[T], indices: &[i64], width: usize) {
    let count = out.len() / width;
    for (row, &index) in x.chunks(width).zip(indices) {
        let at = (index as usize).wrapping_sub(first);
        if at < count {
            out[at * width..(at + 1) * width].iter_mut().zip(row).for_each(|(out, &x)| *out += x);
        }
    }
}
