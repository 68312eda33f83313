//! The steps in order.

use super::{Cut, Piece, Sizes, product};
use crate::element::Float;
use crate::kernels::gemm::{Accumulate, Epilogue, MatrixRef, PackedB};
use crate::kernels::shared::Shared;
use crate::parallel::for_each_index;
use crate::storage::Storage;

/// `W_hh h + b` and then `step`, step after step.
///
/// `weight` is `[G H, H]` for G gates, `bias` `[G H]`, and `hiddens` `[T + 1, B, H]` holds the first hidden state. For
/// each piece of step t, `step` gets t, the piece, and what was computed for it: a row of all gates for each of its
/// rows. It writes its piece of the hidden state after the step.
///
/// # Safety
/// Of `hiddens`, `step` writes no more than the elements of the step and piece it is called for, after the step.
pub(crate) unsafe fn forward<T: Float, const G: usize>(
    sizes: Sizes,
    (weight, bias): (&[T], Option<&[T]>),
    hiddens: &Shared<'_, T>,
    step: impl Fn(usize, Piece, &[T]) + Sync,
) {
    let hidden = sizes.hidden;
    let packed: [PackedB<T>; G] = std::array::from_fn(|gate| {
        let weight = &weight[gate * hidden * hidden..][..hidden * hidden];
        PackedB::new(MatrixRef::row_major(weight, hidden).transposed(), hidden, hidden)
    });
    let cut = Cut::new::<T>(sizes);
    let mut scratch = Storage::<T>::scratch(G * cut.largest() * cut.pieces());
    let scratch = Shared::new(scratch.make_mut());
    for t in 0..sizes.time {
        for_each_index(cut.pieces(), |i| {
            let piece = cut.piece(i);
            let (rows, width) = (piece.rows.len(), piece.units.len());
            // SAFETY: each piece has scratch of its own, and the states of step t were written by a former job.
            let (scratch, h) = unsafe {
                let start = G * cut.largest() * i;
                let h = hiddens.part(t * sizes.step() + piece.rows.start * hidden..(t + 1) * sizes.step());
                (scratch.part_mut(start..start + G * rows * width), h)
            };
            for (gate, packed) in packed.iter().enumerate() {
                let columns = piece.units.clone();
                let bias = bias.map(|bias| &bias[gate * hidden..][columns.clone()]);
                let c = (&mut scratch[gate * width..], G * width);
                let epilogue = Epilogue { bias, ..Epilogue::NONE };
                product(rows, MatrixRef::row_major(h, hidden), (packed, columns), c, (Accumulate::Replace, epilogue));
            }
            step(t, piece, scratch);
        });
    }
}
