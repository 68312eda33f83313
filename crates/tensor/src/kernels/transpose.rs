//! Rows and columns exchanged in a batch of matrices.

use crate::parallel::{GRAIN, for_each_piece, rows_per_piece};

/// Rows and columns of a block whose source and target both stay in the first cache.
const BLOCK: usize = 16;

/// `out[b, c, r] = x[b, r, c]` for matrices of `rows` x `columns`.
pub(crate) fn transpose<T: Copy + Send + Sync>(out: &mut [T], x: &[T], rows: usize, columns: usize) {
    let matrix = rows * columns;
    if matrix == 0 {
        return;
    }
    if matrix > GRAIN {
        // Large matrices one after the other, each cut over the rows of the output.
        let size = (GRAIN / 2 / rows).max(1).next_multiple_of(BLOCK) * rows;
        for (out, x) in out.chunks_mut(matrix).zip(x.chunks(matrix)) {
            for_each_piece(out, size, |start, out| strip(out, x, start / rows, rows, columns));
        }
    } else {
        let size = rows_per_piece(matrix) * matrix;
        for_each_piece(out, size, |start, out| {
            for (out, x) in out.chunks_mut(matrix).zip(x[start..].chunks(matrix)) {
                strip(out, x, 0, rows, columns);
            }
        });
    }
}

/// Columns `first..` of `x` as rows, as many as `out` has room for.
fn strip<T: Copy>(out: &mut [T], x: &[T], first: usize, rows: usize, columns: usize) {
    for (block, out) in out.chunks_mut(BLOCK * rows).enumerate() {
        let column = first + block * BLOCK;
        for row in (0..rows).step_by(BLOCK) {
            let end = (row + BLOCK).min(rows);
            for (i, out) in out.chunks_mut(rows).enumerate() {
                for (r, out) in (row..end).zip(&mut out[row..end]) {
                    *out = x[r * columns + column + i];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_change_places() {
        for (batch, rows, columns) in [(1, 1, 1), (3, 5, 7), (2, 17, 33), (1, 300, 211), (5, 64, 100), (2, 0, 3)] {
            let x: Vec<u32> = (0..batch * rows * columns).map(|i| i as u32).collect();
            let mut out = vec![u32::MAX; x.len()];
            transpose(&mut out, &x, rows, columns);
            for (i, &value) in out.iter().enumerate() {
                let (b, c, r) = (i / (rows * columns), i / rows % columns, i % rows);
                assert_eq!(value, x[(b * rows + r) * columns + c], "{batch}x{rows}x{columns}");
            }
        }
    }
}
