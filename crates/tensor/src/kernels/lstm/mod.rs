//! The recurrence of a long short-term memory (Hochreiter and Schmidhuber, 1997; gates as in PyTorch).
//!
//! Everything inside is time-major, so that a step's rows lie together. A step is one job for all threads: a piece of it
//! multiplies for its own hidden units and rows, and goes on to their gates while the products are in its cache. The
//! recurrent weights are packed once for all steps, and a thread meets the same part of them at every step.

mod backward;
mod forward;

use std::ops::Range;

pub(crate) use backward::{Gradients, backward};
pub(crate) use forward::forward;

use super::gemm::{Accumulate, Epilogue, MatrixMut, MatrixRef, PackedB, gemm_packed_serial};
use crate::element::Float;
use crate::parallel::{GRAIN, for_each_piece};

/// Hidden units in a piece of a step, at least: more where packed columns come in wider groups.
const UNITS: usize = 64;

/// Rows of the batch in a piece of a step.
const ROWS: usize = 64;

/// Elements worked on together.
const LANES: usize = 16;

/// The size of each dimension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) time: usize,
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
}

impl Sizes {
    /// Elements of one step's states.
    fn step(&self) -> usize {
        self.batch * self.hidden
    }
}

/// How a step is cut.
struct Cut {
    sizes: Sizes,
    units: usize,
    unit_pieces: usize,
}

impl Cut {
    fn new<T: Float>(sizes: Sizes) -> Self {
        let units = UNITS.next_multiple_of(PackedB::<T>::panel());
        Self { sizes, units, unit_pieces: sizes.hidden.div_ceil(units) }
    }

    fn pieces(&self) -> usize {
        self.unit_pieces * self.sizes.batch.div_ceil(ROWS)
    }

    /// Elements of a piece, at most.
    fn largest(&self) -> usize {
        self.units.min(self.sizes.hidden) * ROWS.min(self.sizes.batch)
    }

    /// The rows and hidden units of a piece.
    fn piece(&self, i: usize) -> Piece {
        let (row, unit) = (i / self.unit_pieces * ROWS, i % self.unit_pieces * self.units);
        Piece {
            hidden: self.sizes.hidden,
            rows: row..(row + ROWS).min(self.sizes.batch),
            units: unit..(unit + self.units).min(self.sizes.hidden),
        }
    }
}

/// Rows of the batch and hidden units that are one piece's own.
struct Piece {
    hidden: usize,
    rows: Range<usize>,
    units: Range<usize>,
}

impl Piece {
    /// Where this piece's units of `row` lie in a matrix of states.
    #[inline(always)]
    fn state(&self, row: usize) -> Range<usize> {
        row * self.hidden + self.units.start..row * self.hidden + self.units.end
    }

    /// Where those of gate `gate` lie in a matrix of gates, four for each state.
    #[inline(always)]
    fn gate(&self, row: usize, gate: usize) -> Range<usize> {
        let start = (4 * row + gate) * self.hidden;
        start + self.units.start..start + self.units.end
    }
}

/// `C = A B` with a packed B, for the columns in `columns`.
fn product<T: Float>(
    rows: usize,
    a: MatrixRef<'_, T>,
    b: (&PackedB<T>, Range<usize>),
    (c, row_stride): (&mut [T], usize),
) {
    gemm_packed_serial(rows, a, b, MatrixMut { data: c, row_stride }, Accumulate::Replace, Epilogue::NONE);
}

/// The elements from `start` on: [`LANES`] where `FULL`, else the rest, which is fewer.
///
/// Two functions in one: with a length that is only known at run time every load would be a call of `memcpy`.
#[inline(always)]
fn load<T: Float, const FULL: bool>(x: &[T], start: usize) -> [T; LANES] {
    let x = &x[start..];
    if FULL {
        return *x.first_chunk().expect("there are enough elements");
    }
    let mut lanes = [T::zero(); LANES];
    for (lane, &x) in lanes.iter_mut().zip(x) {
        *lane = x;
    }
    lanes
}

/// Writes what [`load`] reads.
#[inline(always)]
fn store<T: Float, const FULL: bool>(lanes: &[T; LANES], x: &mut [T], start: usize) {
    let x = &mut x[start..];
    if FULL {
        *x.first_chunk_mut().expect("there are enough elements") = *lanes;
        return;
    }
    for (x, &lane) in x.iter_mut().zip(lanes) {
        *x = lane;
    }
}

/// Copies rows of `width` so that row `[i, j]` of `out`, of `columns` rows j for each i, is row `[j, i]` of `x`.
///
/// The distance between rows of `x` is `strides[0]` along j and `strides[1]` along i.
pub(crate) fn exchange<T: Float>(out: &mut [T], x: &[T], (columns, width): (usize, usize), strides: [usize; 2]) {
    let rows = (GRAIN / width.max(1)).max(1);
    for_each_piece(out, rows * width, |start, out| {
        for (row, out) in (start / width..).zip(out.chunks_exact_mut(width)) {
            out.copy_from_slice(&x[row % columns * strides[0] + row / columns * strides[1]..][..width]);
        }
    });
}
