//! The gradient of the weight: for each kernel element and input channel, its products with the gradient of the output,
//! summed over pixels.

use std::ops::Range;

use super::Conv2d;
use super::block::Block;
use super::geometry::{Correlation, Part};
use crate::element::Float;
use crate::kernels::gemm::Activation;
use crate::kernels::gemm::tile::{MAX_ROWS, Output, Tap, TileInput};
use crate::parallel::{GRAIN, for_each_piece, for_each_task};
use crate::storage::Storage;

/// Elements of input and output that are summed over together: half of the second cache.
const BLOCK: usize = 64 * 1024;

/// Sums that are kept beside each other before they are added up, in elements.
const PARTIAL: usize = 512 * 1024;

/// Floats in a cache line.
const LINE: usize = 16;

/// Tasks to cut the work into.
const TASKS: usize = 8;

/// `dw [O, C / G, kh, kw]` from `x [N, H, W, C]` and `dy [N, H', W', O]`.
pub(super) fn gradient<T: Float>(dw: &mut [T], x: &[T], dy: &[T], conv: &Conv2d) {
    let c = Correlation::forward(conv);
    let sums = Sums { x, dy, outputs: conv.channels_out, c: &c };
    let (depth, outputs) = (c.depth(), conv.channels_out);
    let row = c.reach(1, c.grid[1]) * c.channels * c.step[0] + c.grid[1] * c.groups * outputs;
    let blocks = Part::cut(conv.images, c.grid[0], row, BLOCK, 1);
    let (sets, chunks) = sums.cut(blocks.len());
    let mut partial = Storage::<T>::scratch(sets * dw.len());
    let mut tasks = Vec::new();
    for (i, mut set) in partial.make_mut().chunks_mut(dw.len()).enumerate() {
        let blocks = &blocks[i * blocks.len() / sets..(i + 1) * blocks.len() / sets];
        for tiles in &chunks {
            let lines: usize = tiles.iter().map(|tile| tile.rows.len()).sum();
            let (part, rest) = set.split_at_mut(lines * outputs);
            set = rest;
            tasks.push((part, blocks, tiles));
        }
    }
    for_each_task(tasks, |(part, blocks, tiles)| sums.task(part, blocks, tiles));
    let (total, others) = partial.make_mut().split_at_mut(dw.len());
    for_each_piece(total, GRAIN, |start, total| {
        for set in others.chunks(dw.len()) {
            total.iter_mut().zip(&set[start..]).for_each(|(total, &x)| *total += x);
        }
    });
    // [G, kh, kw, C / G, O / G] to [O, C / G, kh, kw], some output channels at a time, as many as a cache line holds.
    let (channels, kernel) = (conv.channels_in, conv.window.kernel_size());
    let together = (1..=LINE).rev().find(|&n| outputs.is_multiple_of(n)).unwrap_or(1);
    for_each_piece(dw, together * depth, |start, dw| {
        let output = start / depth;
        let total = &total[output / outputs * depth * outputs + output % outputs..];
        for k in 0..depth {
            let (channel, tap) = (k / kernel, k % kernel);
            let from = &total[(tap * channels + channel) * outputs..];
            dw[k..].iter_mut().step_by(depth).zip(from).for_each(|(dw, &x)| *dw = x);
        }
    });
}

/// Rows of one group's sums that a tile holds: kernel elements and input channels.
#[derive(Clone, Debug)]
struct Tile {
    group: usize,
    rows: Range<usize>,
}

struct Sums<'a, T> {
    x: &'a [T],
    dy: &'a [T],
    /// Output channels of one group.
    outputs: usize,
    c: &'a Correlation,
}

impl<T: Float> Sums<'_, T> {
    /// How many sets of sums are kept, each of some blocks, and the tiles of each, cut into chunks: by the sizes alone.
    fn cut(&self, blocks: usize) -> (usize, Vec<Vec<Tile>>) {
        let (depth, groups) = (self.c.depth(), self.c.groups);
        let sets = (PARTIAL / (depth * groups * self.outputs)).clamp(1, TASKS).min(blocks);
        let count = depth.div_ceil(T::tile_shape().rows);
        let tiles: Vec<Tile> = (0..groups)
            .flat_map(|group| (0..count).map(move |i| Tile { group, rows: i * depth / count..(i + 1) * depth / count }))
            .collect();
        let chunks = TASKS.div_ceil(sets).min(tiles.len());
        let chunk = |i: usize| tiles[i * tiles.len() / chunks..(i + 1) * tiles.len() / chunks].to_vec();
        (sets, (0..chunks).map(chunk).collect())
    }

    /// The sums of `tiles` over `blocks`, rows of `outputs` one after the other.
    fn task(&self, sums: &mut [T], blocks: &[Part], tiles: &[Tile]) {
        let (c, width) = (self.c, T::tile_shape().columns);
        let mut panel = Storage::scratch(0);
        for (i, part) in blocks.iter().enumerate() {
            let block = Block::new(self.x, c, part);
            let offsets: Vec<usize> =
                c.run_offsets(block.row).flat_map(|run| (0..c.run()).map(move |i| run + i)).collect();
            let mut start = 0;
            for tiles in tiles.chunk_by(|a, b| a.group == b.group) {
                let lines: usize = tiles.iter().map(|tile| tile.rows.len()).sum();
                let sums = &mut sums[start..start + lines * self.outputs];
                start += sums.len();
                for first in (0..self.outputs).step_by(width) {
                    let width = width.min(self.outputs - first);
                    let dy = self.panel(part, tiles[0].group * self.outputs + first, width, &mut panel);
                    self.tiles(&mut sums[first..], (part, &block, &offsets), dy, tiles, i > 0);
                }
            }
        }
    }

    /// The gradients of `width` channels from `first` on: where they lie if there are no others, else side by side, so
    /// that the first cache holds them.
    fn panel<'a>(&'a self, part: &Part, first: usize, width: usize, room: &'a mut Storage<T>) -> Panel<'a, T> {
        let (c, channels) = (self.c, self.c.groups * self.outputs);
        let line = c.grid[1] * channels;
        let lines = part.images.clone().flat_map(|n| part.rows.clone().map(move |y| n * c.grid[0] + y));
        let start = |at: usize| &self.dy[at * line..(at + 1) * line];
        if width == channels {
            let end = (part.images.end - 1) * c.grid[0] + part.rows.end;
            assert!(end * line <= self.dy.len(), "the gradient has all outputs");
            return Panel { values: self.dy, lines: lines.map(|at| at * line).collect(), width };
        }
        let packed = c.grid[1] * width;
        let count = part.images.len() * part.rows.len();
        if room.as_slice().len() < count * packed {
            *room = Storage::scratch(count * packed);
        }
        for (to, at) in room.make_mut().chunks_mut(packed).zip(lines) {
            for (to, from) in to.chunks_mut(width).zip(start(at).chunks(channels)) {
                to.copy_from_slice(&from[first..first + width]);
            }
        }
        Panel { values: room.as_slice(), lines: (0..count).map(|i| i * packed).collect(), width }
    }

    /// Adds what `part` gives to the sums of `tiles`, which are of one group, and of as many outputs as `dy` has.
    fn tiles(
        &self,
        mut sums: &mut [T],
        (part, block, offsets): (&Part, &Block<'_, T>, &[usize]),
        dy: Panel<'_, T>,
        tiles: &[Tile],
        add: bool,
    ) {
        let c = self.c;
        let places = |m: usize| (0..part.rows.len()).map(move |r| m * block.image + r * c.step[0] * block.row);
        let lines: Vec<(usize, usize)> = (0..part.images.len()).flat_map(places).zip(dy.lines).collect();
        let (x, b_padded) = (block.values().as_ptr(), dy.width.is_multiple_of(T::tile_shape().lanes));
        let mut taps = Vec::with_capacity(lines.len());
        for tile in tiles {
            let mut rows = [tile.group * c.group_channels(); MAX_ROWS];
            rows.iter_mut().zip(&offsets[tile.rows.clone()]).for_each(|(row, offset)| *row += offset);
            taps.clear();
            taps.extend(lines.iter().map(|&(from, to)| Tap {
                rows: rows.map(|row| x.wrapping_add(from + row)),
                b: dy.values[to..].as_ptr(),
            }));
            let a_step = c.step[1] * c.channels;
            let product = TileInput { taps: &taps, k: c.grid[1], a_step, b_row_stride: dy.width, b_padded };
            let last = (tile.rows.len() - 1) * self.outputs + dy.width;
            let start = sums[..last].as_mut_ptr();
            let output = Output {
                c: start,
                row_stride: self.outputs,
                width: dy.width,
                addend: if add { start.cast_const() } else { std::ptr::null() },
                addend_row_stride: self.outputs,
                bias: std::ptr::null(),
                activation: Activation::Identity,
            };
            // SAFETY: a block holds all that its outputs see, as `Block::new` asserts, and the rows are their taps and
            // channels; each of the panel's lines has `c.grid[1]` pixels of `dy.width`; the sums of the tile's rows are
            // the first of `sums`, as its slice checks.
            unsafe { T::tile(tile.rows.len(), &product, &output) };
            let next = (tile.rows.len() * self.outputs).min(sums.len());
            sums = &mut std::mem::take(&mut sums)[next..];
        }
    }
}

/// Gradients of the output, `width` for each pixel of a line.
struct Panel<'a, T> {
    values: &'a [T],
    /// Where each row of pixels starts.
    lines: Vec<usize>,
    width: usize,
}
