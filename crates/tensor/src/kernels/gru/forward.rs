//! The steps in order.

use crate::element::Float;
use crate::kernels::recurrent::{self, LANES, Piece, Row, Sizes, load, store};
use crate::kernels::shared::Shared;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

/// With `p = W_hh h + b_hh`: `r, z = sigmoid(gates + p)`, `n = tanh(gates + r q)` for q the last part of p, and
/// `h' = (1 - z) n + z h`, step after step.
///
/// `gates` `[T, B, 4 H]` holds `W_ih x + b_ih` in the first three quarters of each row, and is left with r, z, n and q.
/// `hiddens` `[T + 1, B, H]` holds the first state, and gets the state after each step. `out` `[B, T, H]` gets the
/// hidden states once more.
pub(crate) fn forward<T: Float>(
    sizes: Sizes,
    weight_and_bias: (&[T], Option<&[T]>),
    gates: &mut [T],
    hiddens: &mut [T],
    out: &mut [T],
) {
    let (gates, hiddens, out) = (&Shared::new(gates), &Shared::new(hiddens), &Shared::new(out));
    let step = |t: usize, piece: Piece, recurrent: &[T]| {
        dispatch(Step { sizes, t, piece, recurrent, gates, hiddens, out });
    };
    // SAFETY: `Step` writes the hidden state after its step at its piece's rows and units.
    unsafe { recurrent::forward::<T, 3>(sizes, weight_and_bias, hiddens, step) };
}

/// The gates and states of one piece of step `t`.
struct Step<'a, T> {
    sizes: Sizes,
    t: usize,
    piece: Piece,
    /// `W_hh h + b_hh`, three gates of the piece's units in each row.
    recurrent: &'a [T],
    gates: &'a Shared<'a, T>,
    hiddens: &'a Shared<'a, T>,
    out: &'a Shared<'a, T>,
}

impl<T: Float> Kernel for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { sizes, t, piece, .. } = self;
        let width = piece.units.len();
        for (row, recurrent) in piece.rows.clone().zip(self.recurrent.chunks_exact(3 * width)) {
            let (now, next) = (t * sizes.batch + row, (t + 1) * sizes.batch + row);
            // SAFETY: these are elements of this piece's rows and units, which no other piece writes, in arrays or
            // places that differ, so that none is handed out twice.
            let mut row = unsafe {
                Units {
                    gates: piece.gates(now).map(|gate| self.gates.part_mut(gate)),
                    recurrent: [0, 1, 2].map(|gate| &recurrent[gate * width..][..width]),
                    before: self.hiddens.part(piece.state(now)),
                    hidden: self.hiddens.part_mut(piece.state(next)),
                    out: self.out.part_mut(piece.state(row * sizes.time + t)),
                }
            };
            row.run::<A>(width);
        }
    }
}

/// One row of one piece.
struct Units<'a, T> {
    gates: [&'a mut [T]; 4],
    recurrent: [&'a [T]; 3],
    before: &'a [T],
    hidden: &'a mut [T],
    out: &'a mut [T],
}

impl<T: Float> Row for Units<'_, T> {
    #[inline(always)]
    fn step<A: Arithmetic, const FULL: bool>(&mut self, at: usize) {
        let [mut r, mut z, mut n] = [0, 1, 2].map(|gate| load::<T, FULL>(self.gates[gate], at));
        let [from_r, from_z, q] = self.recurrent.map(|part| load::<T, FULL>(part, at));
        for l in 0..LANES {
            r[l] = (r[l] + from_r[l]).sigmoid_with::<A>();
        }
        for l in 0..LANES {
            z[l] = (z[l] + from_z[l]).sigmoid_with::<A>();
        }
        for l in 0..LANES {
            n[l] = A::mul_add(r[l], q[l], n[l]).tanh_with::<A>();
        }
        for (gate, lanes) in [r, z, n, q].iter().enumerate() {
            store::<T, FULL>(lanes, self.gates[gate], at);
        }
        let mut h = load::<T, FULL>(self.before, at);
        for l in 0..LANES {
            h[l] = A::mul_add(z[l], h[l] - n[l], n[l]);
        }
        store::<T, FULL>(&h, self.hidden, at);
        store::<T, FULL>(&h, self.out, at);
    }
}
