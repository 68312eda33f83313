//! Copies of operands in the order that tiles read them, and the memory for them.

use std::cell::RefCell;

use super::tile::Tiles;
use super::vector::{MAX_LANES, Vector};

/// Lines of a matrix beside each other: element `p` of line `l` is at `start[l * line_stride + p * step]`. A's lines
/// are its rows, B's its columns.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) start: *const f32,
    pub(super) line_stride: usize,
    pub(super) step: usize,
    /// How many lines.
    pub(super) count: usize,
    /// How long each is.
    pub(super) k: usize,
}

/// Where packed lines go: element `p` of line `l` to `start[p * stride + l]`.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) start: *mut f32,
    pub(super) stride: usize,
}

/// Packs `lines` into `strip`. Up to a whole vector beyond the lines of each p may be written with anything: over the
/// next p, which is written later, or over the room at the end.
///
/// # Safety
/// The lines can be read; the strip can be written and has room for [`MAX_LANES`] floats behind its end; the processor
/// has the instructions of `tiles`.
#[inline]
pub(super) unsafe fn pack(tiles: &Tiles, lines: Lines, strip: Strip) {
    // SAFETY: the caller's promises are the functions' own; `plain` needs no instructions.
    unsafe {
        if lines.line_stride == 1 {
            (tiles.pack_rows)(lines, strip);
        } else if lines.step == 1 {
            (tiles.pack_columns)(lines, strip);
        } else {
            pack_plain(lines, 0, strip);
        }
    }
}

/// Packs from element `first` of each line on, one by one.
///
/// # Safety
/// As for [`pack`].
unsafe fn pack_plain(lines: Lines, first: usize, strip: Strip) {
    for p in first..lines.k {
        for l in 0..lines.count {
            // SAFETY: the caller says that the lines can be read and the strip written.
            unsafe {
                *strip.start.add(p * strip.stride + l) = *lines.start.add(l * lines.line_stride + p * lines.step);
            };
        }
    }
}

/// [`pack`] for lines that lie side by side (`line_stride` 1): copies of short rows.
///
/// # Safety
/// As for [`pack`].
#[inline(always)]
pub(super) unsafe fn pack_rows<V: Vector>(lines: Lines, strip: Strip) {
    let (whole, rest) = (lines.count / V::LANES, lines.count % V::LANES);
    // SAFETY: loads end where the lines do; stores reach less than a vector beyond, where the caller lets them.
    unsafe {
        let mask = V::mask(rest);
        let (mut from, mut to) = (lines.start, strip.start);
        for _ in 0..lines.k {
            for v in 0..whole {
                V::load(from.add(v * V::LANES)).store(to.add(v * V::LANES));
            }
            if rest != 0 {
                V::load_part(from.add(whole * V::LANES), mask).store(to.add(whole * V::LANES));
            }
            from = from.wrapping_add(lines.step);
            to = to.wrapping_add(strip.stride);
        }
    }
}

/// [`pack`] for lines that are contiguous (`step` 1): small transposes in registers.
///
/// # Safety
/// As for [`pack`].
#[inline(always)]
pub(super) unsafe fn pack_columns<V: Vector>(lines: Lines, strip: Strip) {
    let quads = lines.k / 4 * 4;
    // SAFETY: lines beyond the last repeat it, so every load is inside a line. Stores of whole vectors reach beyond the
    // lines only where the strip's rows are whole vectors long; else they are cut to the lines.
    unsafe {
        for first in (0..lines.count).step_by(V::LANES) {
            let here = (lines.count - first).min(V::LANES);
            let line = |l: usize| lines.start.add((first + l.min(here - 1)) * lines.line_stride);
            let rows = std::array::from_fn(line);
            let to = strip.start.add(first);
            if here == V::LANES || strip.stride.is_multiple_of(V::LANES) {
                for p in (0..quads).step_by(4) {
                    for (c, column) in V::load_columns(&rows, p).into_iter().enumerate() {
                        column.store(to.add((p + c) * strip.stride));
                    }
                }
            } else {
                let mask = V::mask(here);
                for p in (0..quads).step_by(4) {
                    for (c, column) in V::load_columns(&rows, p).into_iter().enumerate() {
                        column.store_part(to.add((p + c) * strip.stride), mask);
                    }
                }
            }
        }
        pack_plain(lines, quads, strip);
    }
}

/// A cache line of floats, so that the arena is aligned to one.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; MAX_LANES]);

thread_local! {
    /// This thread's memory for packed operands; it grows to the largest ever asked for, and is reused.
    static ARENA: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with at least `count` floats of this thread's, aligned to a cache line, which hold anything.
pub(super) fn with_arena<R>(count: usize, f: impl FnOnce(&mut [f32]) -> R) -> R {
    ARENA.with_borrow_mut(|arena| {
        let lines = count.div_ceil(MAX_LANES);
        if arena.len() < lines {
            arena.resize(lines, Line([0.0; MAX_LANES]));
        }
        // SAFETY: a line is `MAX_LANES` floats without padding, so the vector's memory is as many floats in a row.
        f(unsafe { std::slice::from_raw_parts_mut(arena.as_mut_ptr().cast(), arena.len() * MAX_LANES) })
    })
}
