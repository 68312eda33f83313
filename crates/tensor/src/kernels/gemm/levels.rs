//! Tiles and packing compiled for each set of vector instructions, and the tables that find them.
//!
//! The instructions named here for a level are those that [`simd`](crate::kernels::simd) looks for.

use super::body::{store_transposed, tile};
use super::pack::{Lines, Strip, pack_columns, pack_rows};
use super::tile::{MAX_ROWS, MAX_VECTORS, Output, SCRATCH, TileFunction, TileInput, Tiles};
use super::vector::Plain;

/// The functions of one level beside the tiles, with its instructions.
macro_rules! level_functions {
    ($vector:ty, $pack_rows:ident, $pack_columns:ident, $store_transposed:ident, $(#[$attribute:meta])*) => {
        /// # Safety
        /// As for the generic function, and the processor has the instructions.
        $(#[$attribute])*
        unsafe fn $pack_rows(lines: Lines, strip: Strip) {
            // SAFETY: the caller's promises are the function's own.
            unsafe { pack_rows::<$vector>(lines, strip) }
        }

        /// # Safety
        /// As for the generic function, and the processor has the instructions.
        $(#[$attribute])*
        unsafe fn $pack_columns(lines: Lines, strip: Strip) {
            // SAFETY: as above.
            unsafe { pack_columns::<$vector>(lines, strip) }
        }

        /// # Safety
        /// As for the generic function, and the processor has the instructions.
        $(#[$attribute])*
        unsafe fn $store_transposed(scratch: &[f32; SCRATCH], rows: usize, output: &Output) {
            // SAFETY: as above.
            unsafe { store_transposed::<$vector>(scratch, rows, output) }
        }
    };
}

#[cfg(target_arch = "x86_64")]
level_functions!(
    std::arch::x86_64::__m512, pack_rows_avx512, pack_columns_avx512, store_transposed_avx512,
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
);
#[cfg(target_arch = "x86_64")]
level_functions!(
    std::arch::x86_64::__m256, pack_rows_avx2, pack_columns_avx2, store_transposed_avx2,
    #[target_feature(enable = "avx2,fma")]
);
level_functions!(Plain, pack_rows_plain, pack_columns_plain, store_transposed_plain,);

/// The table of tiles with `$vectors[i]` vectors of rows `1..`.
macro_rules! table {
    ($function:ident, $part:literal; $($rows:literal => [$($vectors:literal),*]);* $(;)?) => {{
        let mut table: [[Option<TileFunction>; MAX_VECTORS]; MAX_ROWS] = [[None; MAX_VECTORS]; MAX_ROWS];
        $($(table[$rows - 1][$vectors - 1] = Some($function::<$rows, $vectors, $part> as TileFunction);)*)*
        table
    }};
}

#[cfg(target_arch = "x86_64")]
macro_rules! avx512_table {
    ($part:literal) => {
        table!(tile_avx512, $part;
            1 => [1, 2, 3, 4]; 2 => [1, 2, 3, 4]; 3 => [1, 2, 3, 4]; 4 => [1, 2, 3, 4]; 5 => [1, 2, 3, 4];
            6 => [1, 2, 3, 4]; 7 => [1, 2]; 8 => [1, 2]; 9 => [1, 2]; 10 => [1, 2]; 11 => [1, 2]; 12 => [1, 2])
    };
}

/// 24 accumulators, two vectors of B and one of A.
#[cfg(target_arch = "x86_64")]
pub(super) static AVX512: Tiles = Tiles {
    lanes: 16,
    rows: 12,
    panel: 32,
    pack_rows: pack_rows_avx512,
    pack_columns: pack_columns_avx512,
    store_transposed: store_transposed_avx512,
    padded: avx512_table!(false),
    exact: avx512_table!(true),
};

/// # Safety
/// As for [`tile`], and the processor has the instructions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn tile_avx512<const ROWS: usize, const VECTORS: usize, const PART: bool>(p: &TileInput<'_>, output: &Output) {
    // SAFETY: the caller's promises are the function's own.
    unsafe { tile::<std::arch::x86_64::__m512, ROWS, VECTORS, PART>(p, output) }
}

#[cfg(target_arch = "x86_64")]
macro_rules! avx2_table {
    ($part:literal) => {
        table!(tile_avx2, $part;
            1 => [1, 2, 3, 4]; 2 => [1, 2, 3, 4]; 3 => [1, 2, 3, 4]; 4 => [1, 2]; 5 => [1, 2]; 6 => [1, 2])
    };
}

/// 12 accumulators, two vectors of B and one of A.
#[cfg(target_arch = "x86_64")]
pub(super) static AVX2: Tiles = Tiles {
    lanes: 8,
    rows: 6,
    panel: 16,
    pack_rows: pack_rows_avx2,
    pack_columns: pack_columns_avx2,
    store_transposed: store_transposed_avx2,
    padded: avx2_table!(false),
    exact: avx2_table!(true),
};

/// # Safety
/// As for [`tile`], and the processor has the instructions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn tile_avx2<const ROWS: usize, const VECTORS: usize, const PART: bool>(p: &TileInput<'_>, output: &Output) {
    // SAFETY: the caller's promises are the function's own.
    unsafe { tile::<std::arch::x86_64::__m256, ROWS, VECTORS, PART>(p, output) }
}

macro_rules! plain_table {
    ($part:literal) => {
        table!(tile_plain, $part;
            1 => [1, 2, 3, 4]; 2 => [1, 2, 3, 4]; 3 => [1, 2, 3, 4]; 4 => [1, 2]; 5 => [1, 2]; 6 => [1, 2])
    };
}

/// 12 accumulators of four lanes, for 16 registers and for the 32 of AArch64.
pub(super) static PLAIN: Tiles = Tiles {
    lanes: 4,
    rows: 6,
    panel: 8,
    pack_rows: pack_rows_plain,
    pack_columns: pack_columns_plain,
    store_transposed: store_transposed_plain,
    padded: plain_table!(false),
    exact: plain_table!(true),
};

/// # Safety
/// As for [`tile`].
unsafe fn tile_plain<const ROWS: usize, const VECTORS: usize, const PART: bool>(p: &TileInput<'_>, output: &Output) {
    // SAFETY: the caller's promises are the function's own.
    unsafe { tile::<Plain, ROWS, VECTORS, PART>(p, output) }
}
