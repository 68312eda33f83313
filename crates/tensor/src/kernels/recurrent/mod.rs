//! What recurrences of hidden states have in common: how a step is cut, and the walk over the steps.
//!
//! Everything inside is time-major, so that a step's rows lie together. A step is one job for all threads: a piece of
//! it multiplies for its own hidden units and rows, and goes on to their gates while the products are in its cache. The
//! recurrent weights are packed once for all steps, and a thread meets the same part of them at every step.

mod backward;
mod forward;

use std::ops::Range;

pub(crate) use backward::{Reverse, RowSums};
pub(crate) use forward::forward;

use super::gemm::{Accumulate, Epilogue, MatrixMut, MatrixRef, PackedB, gemm_packed_serial};
use super::simd::Arithmetic;
use crate::element::Float;
use crate::parallel::{GRAIN, for_each_piece};

/// Hidden units in a piece of a step, at least: more where packed columns come in wider groups.
const UNITS: usize = 64;

/// Rows of the batch in a piece of a step.
const ROWS: usize = 64;

/// Elements worked on together.
pub(crate) const LANES: usize = 16;

/// Numbers that are kept for each hidden unit and step: its gates, and what else the backward pass reads.
pub(crate) const GATES: usize = 4;

/// The size of each dimension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) time: usize,
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
}

impl Sizes {
    /// Elements of one step's states.
    pub(crate) fn step(&self) -> usize {
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
pub(crate) struct Piece {
    hidden: usize,
    pub(crate) rows: Range<usize>,
    pub(crate) units: Range<usize>,
}

impl Piece {
    /// Where this piece's units of `row` lie in a matrix of states.
    #[inline(always)]
    pub(crate) fn state(&self, row: usize) -> Range<usize> {
        row * self.hidden + self.units.start..row * self.hidden + self.units.end
    }

    /// Where those of each gate lie in a matrix of gates, four for each state.
    #[inline(always)]
    pub(crate) fn gates(&self, row: usize) -> [Range<usize>; GATES] {
        [0, 1, 2, 3].map(|gate| {
            let start = (GATES * row + gate) * self.hidden;
            start + self.units.start..start + self.units.end
        })
    }

    /// The row of a matrix of sums over blocks of rows that this piece adds to.
    #[inline(always)]
    pub(crate) fn block(&self) -> usize {
        self.rows.start / ROWS
    }
}

/// A sequence `[B, T, H]`, or nothing for zeros: its elements, and the distances between batches and between steps.
pub(crate) type Sequence<'a, T> = Option<(&'a [T], [usize; 2])>;

/// The units of a piece in one row at one step.
#[inline(always)]
pub(crate) fn at_step<'a, T>(sequence: Sequence<'a, T>, piece: &Piece, (row, t): (usize, usize)) -> Option<&'a [T]> {
    sequence.map(|(x, strides)| &x[row * strides[0] + t * strides[1]..][piece.units.clone()])
}

/// The units of one row of a piece, worked on [`LANES`] at a time.
pub(crate) trait Row {
    /// Those from `at` on: [`LANES`] where `FULL`, else the rest, which is fewer.
    fn step<A: Arithmetic, const FULL: bool>(&mut self, at: usize);

    /// All `width` of them.
    #[inline(always)]
    fn run<A: Arithmetic>(&mut self, width: usize)
    where
        Self: Sized,
    {
        for at in (0..width / LANES * LANES).step_by(LANES) {
            self.step::<A, true>(at);
        }
        if !width.is_multiple_of(LANES) {
            self.step::<A, false>(width / LANES * LANES);
        }
    }
}

/// `C = A B` or `C += A B` with a packed B, for the columns in `columns`.
fn product<T: Float>(
    rows: usize,
    a: MatrixRef<'_, T>,
    b: (&PackedB<T>, Range<usize>),
    (c, row_stride): (&mut [T], usize),
    (accumulate, epilogue): (Accumulate<'_, T>, Epilogue<'_, T>),
) {
    gemm_packed_serial(rows, a, b, MatrixMut { data: c, row_stride }, accumulate, epilogue);
}

/// The elements from `start` on: [`LANES`] where `FULL`, else the rest, which is fewer.
///
/// Two functions in one: with a length that is only known at run time every load would be a call of `memcpy`.
#[inline(always)]
pub(crate) fn load<T: Float, const FULL: bool>(x: &[T], start: usize) -> [T; LANES] {
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
pub(crate) fn store<T: Float, const FULL: bool>(lanes: &[T; LANES], x: &mut [T], start: usize) {
    let x = &mut x[start..];
    if FULL {
        *x.first_chunk_mut().expect("there are enough elements") = *lanes;
        return;
    }
    for (x, &lane) in x.iter_mut().zip(lanes) {
        *x = lane;
    }
}

/// Adds to what is stored from `start` on.
#[inline(always)]
pub(crate) fn add<T: Float, const FULL: bool>(lanes: &[T; LANES], x: &mut [T], start: usize) {
    let mut sum = load::<T, FULL>(x, start);
    for l in 0..LANES {
        sum[l] += lanes[l];
    }
    store::<T, FULL>(&sum, x, start);
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
