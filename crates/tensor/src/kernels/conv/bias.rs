//! The gradient of the bias: sums of columns.

use crate::element::Float;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{GRAIN, for_each_piece};
use crate::storage::Storage;

/// Channels that are summed side by side in registers.
const LANES: usize = 16;

/// `db[c]` = the sum of `dy[.., c]`: each piece of rows by itself, then the pieces' sums.
pub(crate) fn gradient<T: Float>(db: &mut [T], dy: &[T]) {
    let channels = db.len();
    let rows = (GRAIN * 2 / channels).max(1);
    let mut partial = Storage::scratch((dy.len() / channels).div_ceil(rows) * channels);
    for_each_piece(partial.make_mut(), channels, |start, sums| {
        let from = &dy[start * rows..];
        dispatch(Columns { sums, rows: &from[..from.len().min(rows * channels)] });
    });
    dispatch(Columns { sums: db, rows: partial.as_slice() });
}

/// `sums[c]` = the sum of `rows[.., c]`.
struct Columns<'a, T> {
    sums: &'a mut [T],
    rows: &'a [T],
}

impl<T: Float> Kernel for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let channels = self.sums.len();
        let (whole, rest) = self.sums.as_chunks_mut::<LANES>();
        let count = whole.len() * LANES;
        for (i, sums) in whole.iter_mut().enumerate() {
            // Two rows at once, whose sums do not wait for each other.
            let mut lanes = [[T::zero(); LANES]; 2];
            for pair in self.rows.chunks(2 * channels) {
                for (lanes, row) in lanes.iter_mut().zip(pair.chunks_exact(channels)) {
                    let row: &[T; LANES] = row[i * LANES..].first_chunk().expect("a row has all channels");
                    lanes.iter_mut().zip(row).for_each(|(sum, &x)| *sum += x);
                }
            }
            *sums = std::array::from_fn(|c| lanes[0][c] + lanes[1][c]);
        }
        rest.fill(T::zero());
        for row in self.rows.chunks_exact(channels) {
            rest.iter_mut().zip(&row[count..]).for_each(|(sum, &x)| *sum += x);
        }
    }
}
