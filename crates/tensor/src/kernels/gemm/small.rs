//! The register tile for both kinds of floats: what convolutions are made of.

use super::tile::{Activation, Output, Product, Tiles};
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

/// Columns of an f64 tile.
const DOUBLE_WIDTH: usize = 16;

/// The largest tile that is best used, and what its sizes should be multiples of.
#[derive(Clone, Copy, Debug)]
pub struct TileShape {
    /// Rows.
    pub(crate) rows: usize,
    /// Columns.
    pub(crate) columns: usize,
    /// Columns in one vector: rows of B are as long as a multiple of it.
    pub(crate) lanes: usize,
}

/// A float with a register tile ([`tile`](super::tile)).
pub trait Small: Sized {
    /// The largest tile.
    #[doc(hidden)]
    fn tile_shape() -> TileShape;

    /// Computes a tile of `rows` rows, at most those of [`tile_shape`](Self::tile_shape), as its columns.
    ///
    /// # Safety
    /// - In each tap, the first `rows` pointers can be read at `0, a_step, .., (k - 1) * a_step`, and `b` at
    ///   `p * b_row_stride + j` for `p < k` and `j < output.width` (if `b_padded`, `j` up to the next multiple of the
    ///   lanes).
    /// - C's elements can be written (and read, if `add`) and nobody else touches them meanwhile; `bias` is null or has
    ///   `output.width` elements.
    #[doc(hidden)]
    unsafe fn tile(rows: usize, product: &Product<'_, Self>, output: &Output<Self>);
}

impl Small for f32 {
    #[inline]
    fn tile_shape() -> TileShape {
        let tiles = Tiles::best();
        TileShape { rows: tiles.rows, columns: tiles.panel, lanes: tiles.lanes }
    }

    #[inline]
    unsafe fn tile(rows: usize, product: &Product<'_, f32>, output: &Output<f32>) {
        // SAFETY: the caller's promises; `best` picks tiles that this processor has instructions for.
        unsafe { Tiles::best().run(rows, product, output) }
    }
}

impl Small for f64 {
    #[inline]
    fn tile_shape() -> TileShape {
        TileShape { rows: 4, columns: DOUBLE_WIDTH, lanes: 8 }
    }

    unsafe fn tile(rows: usize, product: &Product<'_, f64>, output: &Output<f64>) {
        for row in 0..rows {
            dispatch(DoubleRow { row, product, output });
        }
    }
}

/// One row of an f64 tile, in the order of sums of [`tile`](super::tile). Made where the promises of [`Small::tile`] hold.
struct DoubleRow<'a> {
    row: usize,
    product: &'a Product<'a, f64>,
    output: &'a Output<f64>,
}

impl Kernel for DoubleRow<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { row, product, output } = self;
        let width = output.width;
        let mut sums = [0.0; DOUBLE_WIDTH];
        for tap in product.taps {
            for p in 0..product.k {
                // SAFETY: the caller of `tile` says that these elements can be read.
                let (a, b) = unsafe {
                    let b = tap.b.add(p * product.b_row_stride);
                    (*tap.rows[row].add(p * product.a_step), std::slice::from_raw_parts(b, width))
                };
                sums.iter_mut().zip(b).for_each(|(sum, &b)| *sum = A::mul_add(a, b, *sum));
            }
        }
        // SAFETY: the caller of `tile` says that C can be written and the bias is as wide as the tile.
        let (c, bias) = unsafe {
            let bias = (!output.bias.is_null()).then(|| std::slice::from_raw_parts(output.bias, width));
            (std::slice::from_raw_parts_mut(output.c.add(row * output.row_stride), width), bias)
        };
        for (j, c) in c.iter_mut().enumerate() {
            let mut y = if output.add { *c + sums[j] } else { sums[j] };
            y += bias.map_or(0.0, |bias| bias[j]);
            *c = if output.activation == Activation::Relu && y < 0.0 { 0.0 } else { y };
        }
    }
}
