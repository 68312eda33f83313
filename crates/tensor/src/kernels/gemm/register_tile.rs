//! The register tile as convolutions use it, for both kinds of floats.

use super::tile::{Output, TileInput, Tiles};

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
pub trait RegisterTile: Sized {
    /// The largest tile.
    #[doc(hidden)]
    fn tile_shape() -> TileShape;

    /// Computes a tile of `rows` rows, at most those of [`tile_shape`](Self::tile_shape), as its columns.
    ///
    /// # Safety
    /// - In each tap, the first `rows` pointers can be read at `0, a_step, .., (k - 1) * a_step`, and `b` at
    ///   `p * b_row_stride + j` for `p < k` and `j < output.width` (if `b_padded`, `j` up to the next multiple of the
    ///   lanes).
    /// - C's elements can be written and nobody else touches them meanwhile; the addend is null or has as many, `bias`
    ///   is null or has `output.width` elements.
    #[doc(hidden)]
    unsafe fn tile(rows: usize, product: &TileInput<'_, Self>, output: &Output<Self>);
}

impl RegisterTile for f32 {
    #[inline]
    fn tile_shape() -> TileShape {
        let tiles = Tiles::best();
        TileShape { rows: tiles.rows, columns: tiles.panel, lanes: tiles.lanes }
    }

    #[inline]
    unsafe fn tile(rows: usize, product: &TileInput<'_, f32>, output: &Output<f32>) {
        // SAFETY: the caller's promises; `best` picks tiles that this processor has instructions for.
        unsafe { Tiles::best().run(rows, product, output) }
    }
}
