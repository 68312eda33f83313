//! The steps in reverse.

use crate::element::Float;
use crate::kernels::gemm::{MatrixRef, PackedB};
use crate::kernels::recurrent::{
    GATES, LANES, Piece, Reverse, Row, RowSums, Sequence, Sizes, add, at_step, load, store,
};
use crate::kernels::shared::Shared;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

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

/// The gradients of a sequence. `gates` and `cells` are what [`forward`](fn@super::forward) left, `d_out` the gradient
/// of its output.
pub(crate) fn backward<T: Float>(
    sizes: Sizes,
    weight: &[T],
    (gates, cells): (&[T], &[T]),
    d_out: Sequence<'_, T>,
    gradients: Gradients<'_, T>,
) {
    let hidden = sizes.hidden;
    let mut sums = RowSums::new(sizes);
    let (d_bias, d_cell) = (&sums.shared(), &Shared::new(gradients.cell));
    let reverse = Reverse {
        sizes,
        weights: vec![(PackedB::new(MatrixRef::row_major(weight, hidden), GATES * hidden, hidden), 0)],
        carried: false,
        gates: Shared::new(gradients.gates),
        hidden: Shared::new(gradients.hidden),
    };
    let d_gates = &reverse.gates;
    let step = |t: usize, piece: Piece, dh: &[T]| {
        dispatch(Step { sizes, t, piece, dh, gates, cells, d_out, d_gates, d_cell, d_bias });
    };
    // SAFETY: `Step` writes the gates' gradients of its step at its piece's rows and units.
    unsafe { reverse.walk(step) };
    sums.total(gradients.bias);
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
    d_out: Sequence<'a, T>,
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
        for (row, dh) in piece.rows.clone().zip(self.dh.chunks_exact(width)) {
            let (now, next) = (t * sizes.batch + row, (t + 1) * sizes.batch + row);
            let gates = piece.gates(now).map(|gate| &self.gates[gate]);
            let (before, after) = (&self.cells[piece.state(now)], &self.cells[piece.state(next)]);
            let dy = at_step(self.d_out, &piece, (row, t));
            // SAFETY: these are elements of this piece's rows and units, in places that differ, and sums of its units
            // in a block of sums for its rows.
            let mut row = unsafe {
                Units {
                    gates,
                    cells: [before, after],
                    dh,
                    dy,
                    d_gates: piece.gates(now).map(|gate| self.d_gates.part_mut(gate)),
                    d_cell: self.d_cell.part_mut(piece.state(row)),
                    sums: piece.gates(piece.block()).map(|gate| self.d_bias.part_mut(gate)),
                }
            };
            row.run::<A>(width);
        }
    }
}

/// One row of one piece.
struct Units<'a, T> {
    gates: [&'a [T]; 4],
    /// Before and after the step.
    cells: [&'a [T]; 2],
    dh: &'a [T],
    dy: Option<&'a [T]>,
    d_gates: [&'a mut [T]; 4],
    d_cell: &'a mut [T],
    sums: [&'a mut [T]; 4],
}

impl<T: Float> Row for Units<'_, T> {
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
            add::<T, FULL>(d, self.sums[gate], at);
        }
    }
}
