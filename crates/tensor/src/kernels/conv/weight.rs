//! The gradient of the weight: for each kernel element and input channel, its products with the gradient of the output,
//! summed over pixels.

use std::ops::Range;

use super::Conv2d;
use super::block::Block;
use super::geometry::{Correlation, Part};
use crate::element::Float;
use crate::kernels::gemm::Activation;
use crate::kernels::gemm::tile::{MAX_ROWS, Output, Product, Tap};
use crate::parallel::{GRAIN, for_each_piece, for_each_task};
use crate::storage::Storage;

/// Elements of input and output that are summed over together: half of the second cache.
const BLOCK: usize = 64 * 1024;

/// Sums that are kept beside each other before they are added up, in elements.
const PARTIAL: usize = 256 * 1024;

/// Floats in a cache line.
const LINE: usize = 16;

/// Tasks to cut the work into.
const TASKS: usize = 16;

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
        let c = self.c;
        let (channels, width) = (c.groups * self.outputs, T::tile_shape().columns);
        let mut taps = Vec::new();
        for (i, part) in blocks.iter().enumerate() {
            let block = Block::new(self.x, c, part);
            let lines: Vec<(usize, usize)> = part
                .images
                .clone()
                .zip(0..)
                .flat_map(|(n, m)| part.rows.clone().zip(0..).map(move |(y, r)| (n * c.grid[0] + y, m, r)))
                .map(|(line, m, r)| (m * block.image + r * c.step[0] * block.row, line * c.grid[1] * channels))
                .collect();
            let offsets: Vec<usize> =
                c.run_offsets(block.row).flat_map(|run| (0..c.run()).map(move |i| run + i)).collect();
            let mut sums = &mut *sums;
            for tile in tiles {
                let (now, rest) = sums.split_at_mut(tile.rows.len() * self.outputs);
                sums = rest;
                let mut rows = [tile.group * c.group_channels(); MAX_ROWS];
                rows.iter_mut().zip(&offsets[tile.rows.clone()]).for_each(|(row, offset)| *row += offset);
                for first in (0..self.outputs).step_by(width) {
                    let x = block.values().as_ptr();
                    let dy = self.dy[tile.group * self.outputs + first..].as_ptr();
                    taps.clear();
                    taps.extend(lines.iter().map(|&(from, to)| Tap {
                        rows: rows.map(|row| x.wrapping_add(from + row)),
                        b: dy.wrapping_add(to),
                    }));
                    let a_step = c.step[1] * c.channels;
                    let product =
                        Product { taps: &taps, k: c.grid[1], a_step, b_row_stride: channels, b_padded: false };
                    let output = Output {
                        c: now[first..].as_mut_ptr(),
                        row_stride: self.outputs,
                        width: width.min(self.outputs - first),
                        add: i > 0,
                        bias: std::ptr::null(),
                        activation: Activation::Identity,
                    };
                    // SAFETY: a block holds all that its outputs see, as `Block::new` asserts, and the rows are their
                    // taps and channels; `dy` has a pixel for each output of `part`, as `gradient`'s caller checks; the
                    // tile's sums are in `now`.
                    unsafe { T::tile(tile.rows.len(), &product, &output) };
                }
            }
        }
    }
}
