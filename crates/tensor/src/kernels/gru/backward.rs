//! The steps in reverse.

use crate::element::Float;
use crate::kernels::gemm::{MatrixRef, PackedB};
use crate::kernels::recurrent::{LANES, Piece, Reverse, Row, RowSums, Sequence, Sizes, add, at_step, load, store};
use crate::kernels::shared::Shared;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

/// Where the gradients go.
pub(crate) struct Gradients<'a, T> {
    /// Of what r, z and n are functions of, and of q, `[T, B, 4 H]`.
    pub(crate) gates: &'a mut [T],
    /// Their sum over steps and batch, `[4 H]`.
    pub(crate) bias: &'a mut [T],
    /// Of the first hidden state, `[B, H]`. Holds that of the last to begin with.
    pub(crate) hidden: &'a mut [T],
}

/// The gradients of a sequence. `gates` and `hiddens` are what [`forward`](fn@super::forward) left, `d_out` the
/// gradient of its output.
pub(crate) fn backward<T: Float>(
    sizes: Sizes,
    weight: &[T],
    (gates, hiddens): (&[T], &[T]),
    d_out: Sequence<'_, T>,
    gradients: Gradients<'_, T>,
) {
    let hidden = sizes.hidden;
    let mut sums = RowSums::new(sizes);
    let d_bias = &sums.shared();
    // The rows of the weights are those of r, z and q; between z and q lies n.
    let packed = |rows: usize, first: usize| {
        PackedB::new(MatrixRef::row_major(&weight[first * hidden * hidden..], hidden), rows * hidden, hidden)
    };
    let reverse = Reverse {
        sizes,
        weights: vec![(packed(2, 0), 0), (packed(1, 2), 3)],
        carried: true,
        gates: Shared::new(gradients.gates),
        hidden: Shared::new(gradients.hidden),
    };
    let (d_gates, d_hidden) = (&reverse.gates, &reverse.hidden);
    let step = |t: usize, piece: Piece, dh: &[T]| {
        dispatch(Step { sizes, t, piece, dh, gates, hiddens, d_out, d_gates, d_hidden, d_bias });
    };
    // SAFETY: `Step` writes the gates' gradients of its step and the carried share at its piece's rows and units.
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
    hiddens: &'a [T],
    d_out: Sequence<'a, T>,
    d_gates: &'a Shared<'a, T>,
    d_hidden: &'a Shared<'a, T>,
    d_bias: &'a Shared<'a, T>,
}

impl<T: Float> Kernel for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { sizes, t, piece, .. } = self;
        let width = piece.units.len();
        for (row, dh) in piece.rows.clone().zip(self.dh.chunks_exact(width)) {
            let now = t * sizes.batch + row;
            let gates = piece.gates(now).map(|gate| &self.gates[gate]);
            let before = &self.hiddens[piece.state(now)];
            let dy = at_step(self.d_out, &piece, (row, t));
            // SAFETY: these are elements of this piece's rows and units, in places that differ, and sums of its units
            // in a block of sums for its rows.
            let mut row = unsafe {
                Units {
                    gates,
                    before,
                    dh,
                    dy,
                    d_gates: piece.gates(now).map(|gate| self.d_gates.part_mut(gate)),
                    d_hidden: self.d_hidden.part_mut(piece.state(row)),
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
    /// The hidden state before the step.
    before: &'a [T],
    dh: &'a [T],
    dy: Option<&'a [T]>,
    d_gates: [&'a mut [T]; 4],
    /// Gets the share of the gradient of `before` that goes past the gates.
    d_hidden: &'a mut [T],
    sums: [&'a mut [T]; 4],
}

impl<T: Float> Row for Units<'_, T> {
    #[inline(always)]
    fn step<A: Arithmetic, const FULL: bool>(&mut self, at: usize) {
        let one = T::one();
        let [r, z, n, q] = self.gates.map(|gate| load::<T, FULL>(gate, at));
        let (h, mut dh) = (load::<T, FULL>(self.before, at), load::<T, FULL>(self.dh, at));
        if let Some(dy) = self.dy {
            let dy = load::<T, FULL>(dy, at);
            for l in 0..LANES {
                dh[l] += dy[l];
            }
        }
        let mut d = [[T::zero(); LANES]; 4];
        for l in 0..LANES {
            let keep = one - z[l];
            let dn = dh[l] * keep * (one - n[l] * n[l]);
            d[0][l] = dn * q[l] * (r[l] * (one - r[l]));
            d[1][l] = dh[l] * (h[l] - n[l]) * (z[l] * keep);
            d[2][l] = dn;
            d[3][l] = dn * r[l];
            dh[l] *= z[l];
        }
        store::<T, FULL>(&dh, self.d_hidden, at);
        for (gate, d) in d.iter().enumerate() {
            store::<T, FULL>(d, self.d_gates[gate], at);
            add::<T, FULL>(d, self.sums[gate], at);
        }
    }
}
