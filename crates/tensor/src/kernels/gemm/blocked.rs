//! A product of f32 matrices on the calling thread: blocks of C, cut into tiles.
//!
//! The sum over k is cut into the same blocks whatever m, n and the layouts are, and each block's sum is one chain of
//! multiply-adds that is added to C. So an element's bits depend on its row of A and its column of B alone, and C may
//! be cut for threads, packed or not, or computed as its transpose, as is fastest.

use super::Activation;
use super::pack::{Lines, Strip, pack, with_arena};
use super::problem::{OperandB, Problem, Strided};
use super::tile::{MAX_ROWS, Output, SCRATCH, Tap, TileInput, Tiles};
use super::vector::MAX_LANES;

/// Rows of B that one block of the sum holds at most: a strip of A of that length stays in the first cache (24 KiB).
const DEPTH: usize = 512;

/// Columns of B in one block. A is read again for each block, and B's panels stream past it: on a Zen 4 (2026-11, one
/// thread, 2048 x 2048 x 2048) 512 columns give 88 % of the peak, 1024 give 90 and 2048 give 92, though only the first
/// two are smaller than the second cache.
const BLOCK: usize = 2048;

/// Rows of C from which on a copy of B in panels pays.
const REUSE_TO_PACK: usize = 96;

/// Whether B is copied into panels before it is used.
fn packs_right(problem: &Problem<f32>) -> bool {
    match problem.b {
        OperandB::Packed { .. } => false,
        OperandB::Strided(b) => {
            b.column_stride != 1 || problem.m >= REUSE_TO_PACK || (problem.m > MAX_ROWS && is_hostile(b.row_stride))
        }
    }
}

/// Whether strips of A are copied before they are used.
fn packs_left(problem: &Problem<f32>, tiles: &Tiles) -> bool {
    let (a, panels) = (problem.a, problem.n.div_ceil(tiles.panel));
    panels > 2 && (a.column_stride != 1 || is_hostile(a.row_stride)) || panels > 1 && is_hostile(a.column_stride)
}

/// Whether lines so far apart fall on each other in the caches: near a multiple of 4 KiB.
fn is_hostile(stride: usize) -> bool {
    let beyond = stride % 1024;
    stride >= 1024 && !(16..=1024 - 16).contains(&beyond)
}

/// The length of the blocks that a sum over `k` is cut into: it depends on `k` alone.
pub(super) fn depth(k: usize) -> usize {
    k.max(1).div_ceil(k.div_ceil(DEPTH).max(1)).next_multiple_of(8)
}

/// Computes the problem on the calling thread.
///
/// # Safety
/// - The processor has the instructions of `tiles`.
/// - A and B can be read, the bias is null or as long as C's rows (columns, if transposed).
/// - C can be written, and nobody else touches these elements meanwhile.
pub(super) unsafe fn product(tiles: &Tiles, problem: &Problem<f32>) {
    if problem.m == 0 || problem.n == 0 {
        return;
    }
    let depth = depth(problem.k);
    let right = if packs_right(problem) { problem.n.min(BLOCK).next_multiple_of(tiles.panel) * depth } else { 0 };
    let left = if packs_left(problem, tiles) { tiles.rows * depth } else { 0 };
    // SAFETY: the caller's promises; the arena is as large as the blocks below fill it.
    unsafe {
        if right + left == 0 {
            return blocks(tiles, problem, depth, None, None);
        }
        with_arena(right + left + 2 * MAX_LANES, |memory| {
            let (left_memory, right_memory) = memory.split_at_mut(if left == 0 { 0 } else { left + MAX_LANES });
            let left = (left != 0).then_some(left_memory.as_mut_ptr());
            blocks(tiles, problem, depth, left, (right != 0).then_some(right_memory.as_mut_ptr()));
        });
    }
}

/// B's block as tiles read it.
#[derive(Clone, Copy)]
struct Panels {
    start: *const f32,
    /// Columns of a panel.
    width: usize,
    /// The distance between panels, and between rows within one.
    stride: usize,
    row_stride: usize,
    padded: bool,
}

/// # Safety
/// As for [`product`]; `left` and `right` are room for a strip of A and a block of B, each `None` if not packed.
unsafe fn blocks(tiles: &Tiles, problem: &Problem<f32>, depth: usize, left: Option<*mut f32>, right: Option<*mut f32>) {
    let Problem { k, n, .. } = *problem;
    for j in (0..n).step_by(BLOCK) {
        let columns = j..(j + BLOCK).min(n);
        let mut p = 0;
        loop {
            let here = depth.min(k - p);
            // SAFETY: the block is inside B, and the room holds it; the rest are the caller's promises.
            unsafe {
                let panels = match (problem.b, right) {
                    (OperandB::Strided(b), Some(room)) => {
                        pack_block(tiles, b.at(p, j), (here, columns.len()), room);
                        packed_panels(tiles, room, here)
                    }
                    (OperandB::Strided(b), None) => {
                        let width = tiles.width(problem.m.min(tiles.rows));
                        Panels {
                            start: b.at(p, j).start,
                            width,
                            stride: width,
                            row_stride: b.row_stride,
                            padded: false,
                        }
                    }
                    (OperandB::Packed { start, columns: all, first }, _) => {
                        let before = p * all.next_multiple_of(tiles.panel) + (first + j) * here;
                        packed_panels(tiles, start.wrapping_add(before), here)
                    }
                };
                let part = problem.part(0..problem.m, columns.clone());
                let first = p == 0;
                let last = p + here >= k;
                // The first block of the sum is added to the addend, the others to C.
                let (addend, addend_row_stride) = if first {
                    (part.addend, part.addend_row_stride)
                } else {
                    (part.c.cast_const(), part.c_row_stride)
                };
                let part = Problem {
                    k: here,
                    a: part.a.at(0, p),
                    addend,
                    addend_row_stride,
                    bias: if last { part.bias } else { std::ptr::null() },
                    activation: if last { part.activation } else { Activation::Identity },
                    ..part
                };
                strips(tiles, &part, panels, left);
            }
            p += here;
            if p >= k {
                break;
            }
        }
    }
}

fn packed_panels(tiles: &Tiles, start: *const f32, depth: usize) -> Panels {
    Panels { start, width: tiles.panel, stride: depth * tiles.panel, row_stride: tiles.panel, padded: true }
}

/// Packs `k` rows and `n` columns of B, panel after panel.
///
/// # Safety
/// B can be read, and `room` has space for whole panels.
unsafe fn pack_block(tiles: &Tiles, b: Strided<f32>, (k, n): (usize, usize), room: *mut f32) {
    for j in (0..n).step_by(tiles.panel) {
        let lines = Lines {
            start: b.at(0, j).start,
            line_stride: b.column_stride,
            step: b.row_stride,
            count: tiles.panel.min(n - j),
            k,
        };
        // SAFETY: the caller's promises. Rows of a panel are whole vectors, so nothing is written beyond the last.
        unsafe { pack(tiles, lines, Strip { start: room.add(j * k), stride: tiles.panel }) };
    }
}

/// Packs all of B for [`OperandB::Packed`]: blocks of the sum one after the other, panels in each.
///
/// # Safety
/// As for [`pack_block`].
pub(super) unsafe fn pack_all(tiles: &Tiles, b: Strided<f32>, (k, n): (usize, usize), room: *mut f32) {
    let depth = depth(k);
    for p in (0..k).step_by(depth) {
        // SAFETY: the caller's promises.
        unsafe {
            let room = room.add(p * n.next_multiple_of(tiles.panel));
            pack_block(tiles, b.at(p, 0), (depth.min(k - p), n), room);
        }
    }
}

/// One block of B with all rows of A.
///
/// # Safety
/// As for [`product`]; `panels` hold the block, `left` has room for a strip of A if it is packed.
unsafe fn strips(tiles: &Tiles, problem: &Problem<f32>, panels: Panels, left: Option<*mut f32>) {
    let &Problem { m, k, n, a, .. } = problem;
    let count = m.div_ceil(tiles.rows);
    let mut scratch = problem.transposed.then_some([0.0; SCRATCH]);
    for strip in 0..count {
        // As even as may be: the shortest strips are the least efficient.
        let (start, end) = (m * strip / count, m * (strip + 1) / count);
        let rows = end - start;
        let mut tap = Tap { rows: [a.start; MAX_ROWS], b: panels.start };
        let (first, row_stride, a_step) = match left {
            // SAFETY: the strip is inside A, and the room holds it and a vector more.
            Some(room) => unsafe {
                let (start, step) = (a.at(start, 0).start, a.column_stride);
                let lines = Lines { start, line_stride: a.row_stride, step, count: rows, k };
                pack(tiles, lines, Strip { start: room, stride: rows });
                (room.cast_const(), 1, rows)
            },
            None => (a.at(start, 0).start, a.row_stride, a.column_stride),
        };
        for (i, row) in tap.rows.iter_mut().enumerate().take(rows) {
            *row = first.wrapping_add(i * row_stride);
        }
        for (panel, j) in (0..n).step_by(panels.width).enumerate() {
            tap.b = panels.start.wrapping_add(panel * panels.stride);
            let width = panels.width.min(n - j);
            let tile = problem.part(start..end, j..j + width);
            let taps = std::slice::from_ref(&tap);
            let product = TileInput { taps, k, a_step, b_row_stride: panels.row_stride, b_padded: panels.padded };
            let output = Output {
                c: tile.c,
                row_stride: problem.c_row_stride,
                width,
                addend: tile.addend,
                addend_row_stride: problem.addend_row_stride,
                bias: tile.bias,
                activation: problem.activation,
            };
            // SAFETY: the strip's rows and the panel's columns are inside A and B, the tile inside C.
            unsafe {
                match &mut scratch {
                    None => tiles.run(rows, &product, &output),
                    Some(scratch) => tiles.run_transposed(rows, &product, &output, scratch),
                }
            }
        }
    }
}
