//! The register tile that matrix products and convolutions are made of: a small block of C, held in registers over a
//! whole sum of small products.
//!
//! `C[i][j] (+)= sum over taps t, sum over p < k of A_t[i][p] * B_t[p][j]`, then bias and activation. A matrix product
//! has one tap; a convolution has one for each kernel element, and a row of A that lies in the padding points at zeros.
//!
//! Each element is one chain of multiply-adds in the order of taps and p, whatever the tile's shape and the vectors'
//! width, so how C is cut into tiles changes no bit.

use super::Activation;
use super::levels;
use super::pack::{Lines, Strip};
use super::vector::MAX_LANES;
use crate::kernels::simd::{Level, level};

/// Rows of the tallest tile.
pub(crate) const MAX_ROWS: usize = 12;

/// Vectors of the widest tile.
pub(super) const MAX_VECTORS: usize = 4;

/// Floats in a row of the scratch that a tile passes through on its way to a transposed C: the widest tile, and room to
/// read on.
pub(super) const SCRATCH_WIDTH: usize = MAX_VECTORS * MAX_LANES + 16;

/// Floats of that scratch.
pub(super) const SCRATCH: usize = MAX_ROWS * SCRATCH_WIDTH;

/// One small product: rows of A, and the rows of B that they meet.
#[derive(Clone, Copy)]
pub(crate) struct Tap<T = f32> {
    /// Where each row of A starts; a tile of `m` rows reads the first `m` pointers.
    pub(crate) rows: [*const T; MAX_ROWS],
    /// The first row of B, at the tile's first column.
    pub(crate) b: *const T,
}

/// What a tile sums.
#[derive(Clone, Copy)]
pub struct TileInput<'a, T = f32> {
    /// The small products, in the order they are added.
    pub(crate) taps: &'a [Tap<T>],
    /// Columns of A and rows of B in each tap.
    pub(crate) k: usize,
    /// The distance between columns of A: 1 where its rows are contiguous.
    pub(crate) a_step: usize,
    /// The distance between rows of B.
    pub(crate) b_row_stride: usize,
    /// Whether B's rows may be read up to a multiple of the vector's width, as packed ones may.
    pub(crate) b_padded: bool,
}

/// Where a tile goes: `C[i][j] = activation((addend[i][j] +) sum + bias[j])`.
#[derive(Clone, Copy)]
pub struct Output<T = f32> {
    /// The tile's first element.
    pub(crate) c: *mut T,
    /// The distance between rows of C.
    pub(crate) row_stride: usize,
    /// Columns of the tile, 1 to [`Tiles::width`].
    pub(crate) width: usize,
    /// What the sum is added to, one for each element: C itself, another matrix, or null for nothing.
    pub(crate) addend: *const T,
    /// The distance between its rows.
    pub(crate) addend_row_stride: usize,
    /// The bias of the tile's first column, or null for none.
    pub(crate) bias: *const T,
    /// What is done at the end.
    pub(crate) activation: Activation,
}

pub(super) type PackFunction = unsafe fn(Lines, Strip);
pub(super) type TileFunction = unsafe fn(&TileInput<'_>, &Output);

/// The tiles of one set of vector instructions, one compiled function for each number of rows and vectors.
pub(crate) struct Tiles {
    /// Floats in one vector.
    pub(crate) lanes: usize,
    /// Rows of the tallest tile whose width is [`panel`](Self::panel): the shape that is fastest.
    pub(crate) rows: usize,
    /// Columns of that tile: two vectors.
    pub(crate) panel: usize,
    /// [`pack`](super::pack::pack) for lines side by side, and for contiguous lines.
    pub(super) pack_rows: PackFunction,
    pub(super) pack_columns: PackFunction,
    pub(super) store_transposed: unsafe fn(&[f32; SCRATCH], usize, &Output),
    /// `[rows - 1][vectors - 1]`, for B that may be read beyond the tile's width and B that may not.
    pub(super) padded: [[Option<TileFunction>; MAX_VECTORS]; MAX_ROWS],
    pub(super) exact: [[Option<TileFunction>; MAX_VECTORS]; MAX_ROWS],
}

impl Tiles {
    /// The tiles for this processor.
    #[inline]
    pub(crate) fn best() -> &'static Self {
        Self::at(level())
    }

    /// The tiles of `level`, which this processor must have.
    #[inline]
    pub(crate) fn at(level: Level) -> &'static Self {
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => &levels::AVX512,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => &levels::AVX2,
            _ => &levels::PLAIN,
        }
    }

    /// Columns of the widest tile of `rows` rows.
    #[inline]
    pub(crate) fn width(&self, rows: usize) -> usize {
        if self.padded[rows - 1][MAX_VECTORS - 1].is_some() { MAX_VECTORS * self.lanes } else { self.panel }
    }

    /// Computes a tile of `rows` rows, 1 to [`rows`](Self::rows).
    ///
    /// # Safety
    /// - The processor has the instructions of these tiles.
    /// - In each tap, the first `rows` pointers can be read at `0, a_step, .., (k - 1) * a_step`, and `b` at `p *
    ///   b_row_stride + j` for `p < k` and `j < output.width` (if `b_padded`, `j` up to the next multiple of `lanes`).
    /// - C's elements can be written and nobody else touches them meanwhile; the addend is null or has as many, `bias`
    ///   is null or has `output.width` elements.
    ///
    /// # Panics
    /// If there is no tile of so many rows and columns.
    #[inline]
    pub(crate) unsafe fn run(&self, rows: usize, product: &TileInput<'_>, output: &Output) {
        let table = if product.b_padded { &self.padded } else { &self.exact };
        let tile = table[rows - 1][(output.width - 1) / self.lanes].expect("a tile of so many rows and columns");
        // SAFETY: the caller's promises are the function's own.
        unsafe { tile(product, output) }
    }

    /// [`run`](Self::run) for a C with rows and columns exchanged: element `[i, j]` of the tile is at
    /// `j * row_stride + i`, and the bias belongs to the tile's rows. `scratch` holds anything.
    ///
    /// # Safety
    /// As for [`run`](Self::run).
    #[inline]
    pub(super) unsafe fn run_transposed(
        &self,
        rows: usize,
        product: &TileInput<'_>,
        output: &Output,
        scratch: &mut [f32; SCRATCH],
    ) {
        let sums = Output {
            c: scratch.as_mut_ptr(),
            row_stride: SCRATCH_WIDTH,
            width: output.width,
            addend: std::ptr::null(),
            addend_row_stride: 0,
            bias: std::ptr::null(),
            activation: Activation::Identity,
        };
        // SAFETY: the scratch holds the largest tile; the rest are the caller's promises.
        unsafe {
            self.run(rows, product, &sums);
            (self.store_transposed)(scratch, rows, output);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Generator;

    fn draws(count: usize, seed: u64) -> Vec<f32> {
        Generator::new(seed, 0).normal::<f32>(&[count.max(1)], 0.0, 1.0).to_vec()
    }

    /// A tile of `rows` x `width` over `taps` products of depth `k`, against the plain sum; its neighbours stay as they
    /// are.
    fn check(tiles: &Tiles, (rows, k, width): (usize, usize, usize), taps: usize, flavour: usize) {
        let (packed, padded, add) = (flavour & 1 == 1, flavour & 2 == 2, flavour & 4 == 4);
        let (with_bias, relu) = (flavour & 8 == 8, flavour & 16 == 16);
        let a = draws(taps * rows * k, 1);
        let zeros = vec![0.0f32; k * rows];
        let b_row_stride = if padded { width.next_multiple_of(tiles.lanes) } else { width };
        let b = draws(taps * k * b_row_stride, 2);
        let bias = draws(width, 3);
        let row_stride = width + 3;
        let before = draws(rows * row_stride, 4);
        let mut c = before.clone();
        // The last row of the second tap lies in the padding.
        let in_padding = |t: usize, i: usize| t == 1 && i == rows - 1;
        let (row_step, a_step) = if packed { (1, rows) } else { (k, 1) };
        let list: Vec<Tap> = (0..taps)
            .map(|t| {
                let mut pointers = [std::ptr::null(); MAX_ROWS];
                for (i, pointer) in pointers.iter_mut().enumerate().take(rows) {
                    let start = a[t * rows * k..].as_ptr().wrapping_add(i * row_step);
                    *pointer = if in_padding(t, i) { zeros.as_ptr() } else { start };
                }
                Tap { rows: pointers, b: b[t * k * b_row_stride..].as_ptr() }
            })
            .collect();
        let product = TileInput { taps: &list, k, a_step, b_row_stride, b_padded: padded };
        let bias_at = if with_bias { bias.as_ptr() } else { std::ptr::null() };
        let activation = if relu { Activation::Relu } else { Activation::Identity };
        let start = c.as_mut_ptr();
        let addend = if add { start.cast_const() } else { std::ptr::null() };
        let output =
            Output { c: start, row_stride, width, addend, addend_row_stride: row_stride, bias: bias_at, activation };
        // SAFETY: the slices above are as large as the product and the output say, and the processor has the
        // instructions, since `at_levels` asked.
        unsafe { tiles.run(rows, &product, &output) };
        for i in 0..rows {
            for j in 0..row_stride {
                let old = f64::from(before[i * row_stride + j]);
                if j >= width {
                    assert_eq!(f64::from(c[i * row_stride + j]), old, "beyond the tile");
                    continue;
                }
                let mut want = if add { old } else { 0.0 };
                for t in (0..taps).filter(|&t| !in_padding(t, i)) {
                    for p in 0..k {
                        let x = f64::from(a[t * rows * k + i * row_step + p * a_step]);
                        want += x * f64::from(b[(t * k + p) * b_row_stride + j]);
                    }
                }
                want += if with_bias { f64::from(bias[j]) } else { 0.0 };
                want = if relu { want.max(0.0) } else { want };
                let got = f64::from(c[i * row_stride + j]);
                let bound = 1e-5 * ((taps * k) as f64 + 1.0).sqrt();
                let case = format!("{rows} x {k} x {width}, {taps} taps, flavour {flavour}, {} lanes", tiles.lanes);
                assert!((got - want).abs() < bound, "[{i}, {j}] is {got}, not {want}: {case}");
            }
        }
    }

    fn at_levels(f: impl Fn(&Tiles)) {
        for level in [Level::Portable, Level::Avx2, Level::Avx512].into_iter().filter(|l| *l <= level()) {
            f(Tiles::at(level));
        }
    }

    #[test]
    fn every_tile_equals_the_plain_sum() {
        at_levels(|tiles| {
            for rows in 1..=tiles.rows {
                for width in 1..=tiles.width(rows) {
                    let k = (rows * 7 + width * 3) % 11;
                    let flavours = if cfg!(miri) { 1 } else { 8 };
                    for flavour in 0..flavours {
                        check(tiles, (rows, k, width), 1 + width % 3, (flavour * 4 + rows + width) % 32);
                    }
                }
            }
        });
    }
}
