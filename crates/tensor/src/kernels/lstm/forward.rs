//! The steps in order.

use crate::element::Float;
use crate::kernels::recurrent::{self, GATES, LANES, Piece, Row, Sizes, load, store};
use crate::kernels::shared_slice::SharedSlice;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

/// `i, f, o = sigmoid(..)`, `g = tanh(..)` of `gates + W_hh h`, `c' = f c + i g`, `h' = o tanh(c')`, step after step.
///
/// `gates` `[T, B, 4 H]` holds `W_ih x + b` and is left with i, f, g and o. `cells` and `hiddens` `[T + 1, B, H]` hold
/// the first state, and get the state after each step. `out` `[B, T, H]` gets the hidden states once more.
pub(crate) fn forward<T: Float>(
    sizes: Sizes,
    weight: &[T],
    gates: &mut [T],
    (cells, hiddens): (&mut [T], &mut [T]),
    out: &mut [T],
) {
    let (gates, cells, hiddens) = (&SharedSlice::new(gates), &SharedSlice::new(cells), &SharedSlice::new(hiddens));
    let out = &SharedSlice::new(out);
    let step = |t: usize, piece: Piece, recurrent: &[T]| {
        dispatch(Step { sizes, t, piece, recurrent, gates, cells, hiddens, out });
    };
    // SAFETY: `Step` writes the hidden state after its step at its piece's rows and units.
    unsafe { recurrent::forward::<T, GATES>(sizes, (weight, None), hiddens, step) };
}

/// The gates and states of one piece of step `t`.
struct Step<'a, T> {
    sizes: Sizes,
    t: usize,
    piece: Piece,
    /// `W_hh h`, four gates of the piece's units in each row.
    recurrent: &'a [T],
    gates: &'a SharedSlice<'a, T>,
    cells: &'a SharedSlice<'a, T>,
    hiddens: &'a SharedSlice<'a, T>,
    out: &'a SharedSlice<'a, T>,
}

impl<T: Float> Kernel for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { sizes, t, piece, .. } = self;
        let width = piece.units.len();
        for (row, recurrent) in piece.rows.clone().zip(self.recurrent.chunks_exact(GATES * width)) {
            let (now, next) = (t * sizes.batch + row, (t + 1) * sizes.batch + row);
            // SAFETY: these are elements of this piece's rows and units, which no other piece touches, in arrays or
            // places that differ, so that none is handed out twice.
            let mut row = unsafe {
                Units {
                    gates: piece.gates(now).map(|gate| self.gates.part_mut(gate)),
                    recurrent,
                    before: self.cells.part(piece.state(now)),
                    cell: self.cells.part_mut(piece.state(next)),
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
    recurrent: &'a [T],
    before: &'a [T],
    cell: &'a mut [T],
    hidden: &'a mut [T],
    out: &'a mut [T],
}

impl<T: Float> Row for Units<'_, T> {
    #[inline(always)]
    fn step<A: Arithmetic, const FULL: bool>(&mut self, at: usize) {
        let width = self.cell.len();
        let mut lanes = [[T::zero(); LANES]; 4];
        for gate in 0..4 {
            let lanes = &mut lanes[gate];
            *lanes = load::<T, FULL>(self.gates[gate], at);
            let recurrent = load::<T, FULL>(&self.recurrent[gate * width..][..width], at);
            for l in 0..LANES {
                lanes[l] += recurrent[l];
            }
            if gate == 2 {
                lanes.iter_mut().for_each(|x| *x = x.tanh_with::<A>());
            } else {
                lanes.iter_mut().for_each(|x| *x = x.sigmoid_with::<A>());
            }
            store::<T, FULL>(lanes, self.gates[gate], at);
        }
        let [i, f, g, o] = lanes;
        let mut c = load::<T, FULL>(self.before, at);
        for l in 0..LANES {
            c[l] = A::mul_add(f[l], c[l], i[l] * g[l]);
        }
        store::<T, FULL>(&c, self.cell, at);
        for l in 0..LANES {
            c[l] = o[l] * c[l].tanh_with::<A>();
        }
        store::<T, FULL>(&c, self.hidden, at);
        store::<T, FULL>(&c, self.out, at);
    }
}
