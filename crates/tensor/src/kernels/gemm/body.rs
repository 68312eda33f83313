//! The loops of a register tile, written once for all vectors and compiled for each shape ([`tile`](super::tile)).
//!
//! Everything is `#[inline(always)]`: it must end up inside a function compiled for the vector instructions.

use super::Activation;
use super::tile::{MAX_ROWS, Output, SCRATCH, SCRATCH_WIDTH, TileInput};
use super::vector::Vector;

/// Runs `$body` with `$i` = 0, 1, .. below `$count` (at most 12), written out: each index is a constant from the start,
/// so that arrays of vectors become registers whatever the optimiser thinks of unrolling. (2026-11: a prefetch more in
/// a loop, and the accumulators of the largest tiles stayed in memory, at 0.4 of the speed.)
macro_rules! unrolled {
    ($count:ident, |$i:ident| $body:expr) => {
        unrolled!($count, $i, $body; 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    };
    ($count:ident, $i:ident, $body:expr; $($value:literal),*) => {{
        $(if $value < $count {
            let $i: usize = $value;
            $body;
        })*
    }};
}

/// The tile. `PART`: the last vector of B's rows may only be read as far as the tile is wide.
///
/// # Safety
/// As for [`Tiles::run`](super::tile::Tiles::run), with `ROWS` rows and a width of more than `VECTORS - 1` and at most
/// `VECTORS` vectors.
#[inline(always)]
pub(super) unsafe fn tile<V: Vector, const ROWS: usize, const VECTORS: usize, const PART: bool>(
    p: &TileInput<'_>,
    output: &Output,
) {
    let last = output.width - (VECTORS - 1) * V::LANES;
    // SAFETY: the caller says that the instructions are there and that all these places can be read. `step` reads B up
    // to the tile's width where PART, else to the end of its last vector.
    unsafe {
        let mask = V::mask(last);
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        prefetch::<V, ROWS, VECTORS>(output);
        for tap in p.taps {
            let (mut b, mut at) = (tap.b, 0);
            for _ in 0..p.k / 4 {
                for _ in 0..4 {
                    step::<V, ROWS, VECTORS, PART>(&mut sums, &tap.rows, at, b, mask);
                    at += p.a_step;
                    b = b.wrapping_add(p.b_row_stride);
                }
            }
            for _ in 0..p.k % 4 {
                step::<V, ROWS, VECTORS, PART>(&mut sums, &tap.rows, at, b, mask);
                at += p.a_step;
                b = b.wrapping_add(p.b_row_stride);
            }
        }
        if last == V::LANES {
            finish::<V, ROWS, VECTORS, false>(&sums, output, mask);
        } else {
            finish::<V, ROWS, VECTORS, true>(&sums, output, mask);
        }
    }
}

/// Asks for C, which is needed when the sums are done.
#[inline(always)]
fn prefetch<V: Vector, const ROWS: usize, const VECTORS: usize>(output: &Output) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    unrolled!(ROWS, |i| {
        let row = output.c.wrapping_add(i * output.row_stride);
        unrolled!(VECTORS, |v| {
            // SAFETY: a prefetch of any address is allowed, and every x86-64 processor has the instruction.
            unsafe {
                use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
                _mm_prefetch::<{ _MM_HINT_T0 }>(row.wrapping_add(v * V::LANES).cast());
            }
        });
    });
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = output;
}

/// One column of A times one row of B.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn step<V: Vector, const ROWS: usize, const VECTORS: usize, const PART: bool>(
    sums: &mut [[V; VECTORS]; ROWS],
    rows: &[*const f32; MAX_ROWS],
    at: usize,
    b: *const f32,
    mask: V::Mask,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut row = [V::zero(); VECTORS];
        unrolled!(VECTORS, |v| {
            let from = b.add(v * V::LANES);
            row[v] = if PART && v == VECTORS - 1 { V::load_part(from, mask) } else { V::load(from) };
        });
        unrolled!(ROWS, |i| {
            let a = V::splat(*rows[i].add(at));
            unrolled!(VECTORS, |v| sums[i][v] = a.mul_add(row[v], sums[i][v]));
        });
    }
}

/// Adds the addend and the bias, applies the activation, and writes.
///
/// # Safety
/// As for [`tile`]; `PART`: the last vector is only partly inside the tile.
#[inline(always)]
unsafe fn finish<V: Vector, const ROWS: usize, const VECTORS: usize, const PART: bool>(
    sums: &[[V; VECTORS]; ROWS],
    output: &Output,
    mask: V::Mask,
) {
    // SAFETY: the caller says that C, addend and bias reach as far as the tile is wide; `mask` ends there.
    unsafe {
        unrolled!(ROWS, |i| {
            let row = output.c.add(i * output.row_stride);
            let addend = output.addend.wrapping_add(i * output.addend_row_stride);
            unrolled!(VECTORS, |v| {
                let at = v * V::LANES;
                let sources = [addend.wrapping_add(at), output.bias.wrapping_add(at)];
                let part = (PART && v == VECTORS - 1).then_some(mask);
                finish_vector(sums[i][v], row.add(at), sources, part, output);
            });
        });
    }
}

/// [`finish`] for one vector, whole or as far as the mask says; addend and bias are its own, meaningless where there is
/// none.
///
/// # Safety
/// As for [`tile`].
#[inline(always)]
unsafe fn finish_vector<V: Vector>(
    mut sum: V,
    to: *mut f32,
    [addend, bias]: [*const f32; 2],
    part: Option<V::Mask>,
    output: &Output,
) {
    // SAFETY: the caller says that C, the addend and the bias reach as far as the mask.
    unsafe {
        if !output.addend.is_null() {
            let addend = if let Some(mask) = part { V::load_part(addend, mask) } else { V::load(addend) };
            sum = addend.add(sum);
        }
        if !output.bias.is_null() {
            sum = sum.add(if let Some(mask) = part { V::load_part(bias, mask) } else { V::load(bias) });
        }
        if output.activation == Activation::Relu {
            sum = sum.relu();
        }
        if let Some(mask) = part { sum.store_part(to, mask) } else { sum.store(to) }
    }
}

/// Writes a finished tile, `rows` x `width` sums of [`SCRATCH_WIDTH`] a row, with rows and columns exchanged: row `j`
/// of `output` takes column `j`, and `output.bias` is that of the tile's rows.
///
/// # Safety
/// As for [`Tiles::run`](super::tile::Tiles::run), and `scratch` holds `MAX_ROWS` rows.
#[inline(always)]
pub(super) unsafe fn store_transposed<V: Vector>(scratch: &[f32; SCRATCH], rows: usize, output: &Output) {
    // SAFETY: rows beyond the tile's repeat its last, so every pointer is inside the scratch, whose rows hold four
    // floats beyond any column of a tile; C and the bias are touched as far as the tile has rows.
    unsafe {
        for (first, v) in (0..rows).step_by(V::LANES).zip(0..) {
            let row = |r: usize| scratch[(first + r).min(rows - 1) * SCRATCH_WIDTH..].as_ptr();
            let pointers = std::array::from_fn(row);
            let part = (rows - first < V::LANES).then(|| V::mask(rows - first));
            for j in (0..output.width).step_by(4) {
                let columns = V::load_columns(&pointers, j);
                for (c, column) in columns.into_iter().enumerate().take(output.width - j) {
                    let at = v * V::LANES;
                    let addend = output.addend.wrapping_add((j + c) * output.addend_row_stride + at);
                    let sources = [addend, output.bias.wrapping_add(at)];
                    finish_vector(column, output.c.add((j + c) * output.row_stride + at), sources, part, output);
                }
            }
        }
    }
}
