//! The steps in reverse.

use super::{Cut, LANES, Piece, Sizes, load, product, store};
use crate::element::Float;
use crate::kernels::gemm::{MatrixRef, PackedB};
use crate::kernels::shared::Shared;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::for_each_index;
use crate::storage::Storage;

/// Where the gradients go.
pub(crate) struct Gradients<'a, T> {
    /// Of what the gates are functions of, `[T, B, 4 H]`.
    pub(crate) gates: &'a mut [T],
    /// Their sum over steps and batch, `[4 H]`.
    pub(crate) bias: &'a mut [T],
    /// Of the first hidden state, `[B, H]`. Holds that of the last to begin with.
    pub(crate) hidden: &'a mut [T],
    /// Of the first cells, `[B, H]`. Holds that of the last to begin with.
    pub(crate) cell: &'a mut [T],
}

/// The gradients of a sequence. `gates` and `cells` are what [`forward`](super::forward) left; `d_out` is the gradient of
/// its output, `[B, T, H]` with these distances between batches and steps, or `None` for zeros.
pub(crate) fn backward<T: Float>(
    sizes: Sizes,
    weight: &[T],
    (gates, cells): (&[T], &[T]),
    d_out: Option<(&[T], [usize; 2])>,
    gradients: Gradients<'_, T>,
) {
    let hidden = sizes.hidden;
    let packed = PackedB::new(MatrixRef::row_major(weight, hidden), 4 * hidden, hidden);
    let cut = Cut::new::<T>(sizes);
    // For each block of rows a sum over its rows.
    let mut sums = Storage::<T>::zeros(cut.pieces() / cut.unit_pieces.max(1) * 4 * hidden);
    let d_bias = Shared::new(sums.make_mut());
    let (d_gates, d_hidden, d_cell) =
        (Shared::new(gradients.gates), Shared::new(gradients.hidden), Shared::new(gradients.cell));
    // The gradient of the hidden state before the step that `d_gates` are of, for one piece.
    let before = |t: usize, piece: &Piece, d_hidden: &mut [T]| {
        // SAFETY: the gates of step t were written by a former job.
        let d_gates = unsafe {
            let step = 4 * sizes.step();
            d_gates.part(t * step + piece.rows.start * 4 * hidden..(t + 1) * step)
        };
        let a = MatrixRef::row_major(d_gates, 4 * hidden);
        product(piece.rows.len(), a, (&packed, piece.units.clone()), (d_hidden, piece.units.len()));
    };
    let each_piece = |f: &(dyn Fn(Piece, &mut [T]) + Sync)| {
        for_each_index(cut.pieces(), |i| {
            let piece = cut.piece(i);
            let mut scratch = Storage::<T>::scratch(piece.rows.len() * piece.units.len());
            f(piece, scratch.make_mut());
        });
    };
    for t in (0..sizes.time).rev() {
        each_piece(&|piece, dh| {
            if t + 1 < sizes.time {
                before(t + 1, &piece, dh);
            } else {
                for (row, dh) in piece.rows.clone().zip(dh.chunks_exact_mut(piece.units.len())) {
                    // SAFETY: nothing writes it before the last job.
                    dh.copy_from_slice(unsafe { d_hidden.part(piece.state(row)) });
                }
            }
            let (d_gates, d_cell, d_bias) = (&d_gates, &d_cell, &d_bias);
            dispatch(Step { sizes, t, piece, dh, gates, cells, d_out, d_gates, d_cell, d_bias });
        });
    }
    each_piece(&|piece, dh| {
        before(0, &piece, dh);
        for (row, dh) in piece.rows.clone().zip(dh.chunks_exact(piece.units.len())) {
            // SAFETY: it is of this piece's rows and units.
            unsafe { d_hidden.part_mut(piece.state(row)) }.copy_from_slice(dh);
        }
    });
    gradients.bias.fill(T::zero());
    for block in sums.as_slice().chunks_exact((4 * hidden).max(1)) {
        gradients.bias.iter_mut().zip(block).for_each(|(sum, &x)| *sum += x);
    }
}

/// The gradients of one piece of step `t`.
struct Step<'a, T> {
    sizes: Sizes,
    t: usize,
    piece: Piece,
    /// The gradient of the hidden state after the step, from the steps after it.
    dh: &'a [T],
    gates: &'a [T],
    cells: &'a [T],
    d_out: Option<(&'a [T], [usize; 2])>,
    d_gates: &'a Shared<'a, T>,
    d_cell: &'a Shared<'a, T>,
    d_bias: &'a Shared<'a, T>,
}

impl<T: Float> Kernel for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { sizes, t, piece, .. } = self;
        let width = piece.units.len();
        let block = piece.rows.start / super::ROWS;
        for (row, dh) in piece.rows.clone().zip(self.dh.chunks_exact(width)) {
            let (now, next) = (t * sizes.batch + row, (t + 1) * sizes.batch + row);
            let gates = [0, 1, 2, 3].map(|gate| &self.gates[piece.gate(now, gate)]);
            let (before, after) = (&self.cells[piece.state(now)], &self.cells[piece.state(next)]);
            let dy = self.d_out.map(|(dy, strides)| &dy[row * strides[0] + t * strides[1]..][piece.units.clone()]);
            // SAFETY: these are elements of this piece's rows and units, in places that differ, and sums of its units in
            // a block of sums for its rows.
            let mut row = unsafe {
                Row {
                    gates,
                    cells: [before, after],
                    dh,
                    dy,
                    d_gates: [0, 1, 2, 3].map(|gate| self.d_gates.part_mut(piece.gate(now, gate))),
                    d_cell: self.d_cell.part_mut(piece.state(row)),
                    sums: [0, 1, 2, 3].map(|gate| self.d_bias.part_mut(piece.gate(block, gate))),
                }
            };
            for at in (0..width / LANES * LANES).step_by(LANES) {
                row.step::<A, true>(at);
            }
            if !width.is_multiple_of(LANES) {
                row.step::<A, false>(width / LANES * LANES);
            }
        }
    }
}

/// One row of one piece.
struct Row<'a, T> {
    gates: [&'a [T]; 4],
    /// Before and after the step.
    cells: [&'a [T]; 2],
    dh: &'a [T],
    dy: Option<&'a [T]>,
    d_gates: [&'a mut [T]; 4],
    d_cell: &'a mut [T],
    sums: [&'a mut [T]; 4],
}

impl<T: Float> Row<'_, T> {
    #[inline(always)]
    fn step<A: Arithmetic, const FULL: bool>(&mut self, at: usize) {
        let one = T::one();
        let [i, f] = [load::<T, FULL>(self.gates[0], at), load::<T, FULL>(self.gates[1], at)];
        let [g, o] = [load::<T, FULL>(self.gates[2], at), load::<T, FULL>(self.gates[3], at)];
        let (mut dh, mut dc) = (load::<T, FULL>(self.dh, at), load::<T, FULL>(self.d_cell, at));
        if let Some(dy) = self.dy {
            let dy = load::<T, FULL>(dy, at);
            for l in 0..LANES {
                dh[l] += dy[l];
            }
        }
        let (before, after) = (load::<T, FULL>(self.cells[0], at), load::<T, FULL>(self.cells[1], at));
        let mut d = [[T::zero(); LANES]; 4];
        for l in 0..LANES {
            let tanh = after[l].tanh_with::<A>();
            d[3][l] = dh[l] * tanh * (o[l] * (one - o[l]));
            dc[l] = A::mul_add(dh[l] * o[l], one - tanh * tanh, dc[l]);
        }
        for l in 0..LANES {
            d[0][l] = dc[l] * g[l] * (i[l] * (one - i[l]));
            d[1][l] = dc[l] * before[l] * (f[l] * (one - f[l]));
            d[2][l] = dc[l] * i[l] * (one - g[l] * g[l]);
            dc[l] *= f[l];
        }
        store::<T, FULL>(&dc, self.d_cell, at);
        for (gate, d) in d.iter().enumerate() {
            store::<T, FULL>(d, self.d_gates[gate], at);
            let mut sum = load::<T, FULL>(self.sums[gate], at);
            for l in 0..LANES {
                sum[l] += d[l];
            }
            store::<T, FULL>(&sum, self.sums[gate], at);
        }
    }
}
