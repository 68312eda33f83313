//! The steps in reverse.

use super::{Cut, GATES, Piece, ROWS, Sizes, product};
use crate::element::Float;
use crate::kernels::gemm::{Accumulate, Epilogue, MatrixRef, PackedB};
use crate::kernels::shared::Shared;
use crate::parallel::for_each_index;
use crate::storage::Storage;

/// A walk from the last step to the first.
pub(crate) struct Reverse<'a, T: Float> {
    pub(crate) sizes: Sizes,
    /// Parts of the recurrent weights, each with the gate that its first row is of: the gradient of a hidden state is
    /// the sum of the products of the gates' gradients with these.
    pub(crate) weights: Vec<(PackedB<T>, usize)>,
    /// Whether a step leaves in `hidden` a share of the gradient of the state before it, beside that through the gates.
    pub(crate) carried: bool,
    /// The gradients of the gates of each step, `[T, B, 4 H]`.
    pub(crate) gates: Shared<'a, T>,
    /// The gradient of the last hidden state, `[B, H]`, and in the end that of the first.
    pub(crate) hidden: Shared<'a, T>,
}

impl<T: Float> Reverse<'_, T> {
    /// Calls `step` for each piece of each step with the number of the step and the gradient of the hidden state after
    /// it from all later steps, a row for each of the piece's.
    ///
    /// # Safety
    /// Of `gates` and `hidden`, `step` reads and writes no more than the elements of the step and piece that it is
    /// called for.
    pub(crate) unsafe fn walk(&self, step: impl Fn(usize, Piece, &[T]) + Sync) {
        let cut = Cut::new::<T>(self.sizes);
        let each_piece = |f: &(dyn Fn(Piece, &mut [T]) + Sync)| {
            for_each_index(cut.pieces(), |i| {
                let piece = cut.piece(i);
                let mut scratch = Storage::<T>::scratch(piece.rows.len() * piece.units.len());
                f(piece, scratch.make_mut());
            });
        };
        for t in (0..self.sizes.time).rev() {
            each_piece(&|piece, dh| {
                self.before(t + 1, &piece, dh);
                step(t, piece, dh);
            });
        }
        each_piece(&|piece, dh| {
            self.before(0, &piece, dh);
            for (row, dh) in piece.rows.clone().zip(dh.chunks_exact(piece.units.len())) {
                // SAFETY: it is of this piece's rows and units.
                unsafe { self.hidden.part_mut(piece.state(row)) }.copy_from_slice(dh);
            }
        });
    }

    /// The gradient of the hidden state before step `t`, or of the last where `t` is the number of steps.
    fn before(&self, t: usize, piece: &Piece, dh: &mut [T]) {
        let Sizes { time, hidden, .. } = self.sizes;
        let (rows, width) = (piece.rows.len(), piece.units.len());
        let copied = t == time || self.carried;
        if copied {
            for (row, dh) in piece.rows.clone().zip(dh.chunks_exact_mut(width)) {
                // SAFETY: only this piece writes it, and not now.
                dh.copy_from_slice(unsafe { self.hidden.part(piece.state(row)) });
            }
        }
        if t == time {
            return;
        }
        let step = GATES * self.sizes.step();
        // SAFETY: the gates of step t were written by a former job.
        let d_gates = unsafe { self.gates.part(t * step + piece.rows.start * GATES * hidden..(t + 1) * step) };
        for (i, (weight, gate)) in self.weights.iter().enumerate() {
            let a = MatrixRef::row_major(&d_gates[gate * hidden..], GATES * hidden);
            let accumulate = if copied || i > 0 { Accumulate::Add } else { Accumulate::Replace };
            product(rows, a, (weight, piece.units.clone()), (dh, width), (accumulate, Epilogue::NONE));
        }
    }
}

/// Sums of the gates' gradients over steps and batch, each block of rows in a place of its own until the end.
pub(crate) struct RowSums<T: Float> {
    memory: Storage<T>,
    hidden: usize,
}

impl<T: Float> RowSums<T> {
    pub(crate) fn new(sizes: Sizes) -> Self {
        let hidden = sizes.hidden;
        Self { memory: Storage::zeros(sizes.batch.div_ceil(ROWS) * GATES * hidden), hidden }
    }

    pub(crate) fn shared(&mut self) -> Shared<'_, T> {
        Shared::new(self.memory.make_mut())
    }

    /// The sums over all blocks.
    pub(crate) fn total(&self, sums: &mut [T]) {
        sums.fill(T::zero());
        for block in self.memory.as_slice().chunks_exact((GATES * self.hidden).max(1)) {
            sums.iter_mut().zip(block).for_each(|(sum, &x)| *sum += x);
        }
    }
}
