//! Outputs in strips of pixels: each strip a tile that sums over all taps in registers.

use super::block::Block;
use super::depthwise;
use super::filters::Filters;
use super::geometry::{Correlation, Part};
use crate::element::Float;
use crate::kernels::gemm::Epilogue;
use crate::kernels::gemm::tile::{MAX_ROWS, Output, Tap, TileInput};

/// Where outputs go: pixel `[n, y, x]` of a part starts at `start + n * image + y * row + x * pixel`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) start: usize,
    pub(super) image: usize,
    pub(super) row: usize,
    pub(super) pixel: usize,
}

/// Computes all outputs of `part` into `out`.
pub(super) fn correlate<T: Float>(
    out: &mut [T],
    target: Target,
    block: &Block<'_, T>,
    (c, part): (&Correlation, &Part),
    filters: &Filters<T>,
    epilogue: Epilogue<'_, T>,
) {
    let (images, rows, columns) = (part.images.len(), part.rows.len(), c.grid[1]);
    if images * rows * columns == 0 || filters.outputs == 0 {
        return;
    }
    let channels = c.groups * filters.outputs;
    let last = (images - 1) * target.image + (rows - 1) * target.row + (columns - 1) * target.pixel;
    assert!(target.start + last + channels <= out.len() && target.pixel >= channels, "outputs fit their memory");
    assert!(epilogue.bias.is_none_or(|bias| bias.len() == channels), "a bias for each channel");
    if depthwise::suits(c, filters) {
        return depthwise::correlate(out, target, block, (c, part), filters, epilogue);
    }
    // Where pixels are evenly spaced strips may go on from row to row and image to image, else they end with the row.
    let even = target.row == columns * target.pixel && target.image == rows * target.row;
    let (lines, length) = if even { (1, images * rows * columns) } else { (images * rows, columns) };
    let strips = length.div_ceil(T::tile_shape().rows);
    let run = c.run();
    let offsets: Vec<usize> = c.run_offsets(block.row).collect();
    let source = block.values().as_ptr();
    let mut taps = vec![Tap { rows: [source; MAX_ROWS], b: source }; offsets.len()];
    for (line, strip) in (0..lines).flat_map(|line| (0..strips).map(move |strip| (line, strip))) {
        let (first, end) = (strip * length / strips, (strip + 1) * length / strips);
        let pixel = line * length + first;
        let (mut n, mut y, mut x) = (pixel / columns / rows, pixel / columns % rows, pixel % columns);
        let to = target.start + n * target.image + y * target.row + x * target.pixel;
        let mut pixels = [0; MAX_ROWS];
        for place in &mut pixels[..end - first] {
            *place = n * block.image + y * c.step[0] * block.row + x * c.step[1] * c.channels;
            x += 1;
            if x == columns {
                (x, y) = (0, y + 1);
                if y == rows {
                    (y, n) = (0, n + 1);
                }
            }
        }
        for group in 0..c.groups {
            let source = source.wrapping_add(group * c.group_channels());
            for (tap, &offset) in taps.iter_mut().zip(&offsets) {
                tap.rows = pixels.map(|place| source.wrapping_add(place + offset));
            }
            for (channel, width, panel) in filters.panels(group) {
                taps.iter_mut().zip(panel.chunks((run * filters.width).max(1))).for_each(|(tap, b)| tap.b = b.as_ptr());
                let product = TileInput { taps: &taps, k: run, a_step: 1, b_row_stride: filters.width, b_padded: true };
                let first_channel = group * filters.outputs + channel;
                let output = Output {
                    c: out[to + first_channel..].as_mut_ptr(),
                    row_stride: target.pixel,
                    width,
                    addend: std::ptr::null(),
                    addend_row_stride: 0,
                    bias: epilogue.bias.map_or(std::ptr::null(), |bias| bias[first_channel..].as_ptr()),
                    activation: epilogue.activation,
                };
                // SAFETY: a block holds all that its outputs see, as `Block::new` asserts: the pixels and offsets are
                // those of `part` and `c`. Panels hold a whole number of vectors a row, for every tap. The outputs are
                // inside of `out`, as asserted above, and a strip's pixels are `target.pixel` apart.
                unsafe { T::tile(end - first, &product, &output) };
            }
        }
    }
}
