//! The part of the images that some outputs see, with its border of zeros.

use super::geometry::{Correlation, Part};
use crate::element::Float;
use crate::storage::Storage;

/// Source places in `[images, rows, columns, channels]`: where they lie if all are inside of the source, else a copy
/// with zeros around, which costs little beside the sums over it.
pub(super) struct Block<'a, T: Float> {
    source: &'a [T],
    copy: Option<Storage<T>>,
    start: usize,
    /// The distance between images.
    pub(super) image: usize,
    /// The distance between rows.
    pub(super) row: usize,
}

impl<'a, T: Float> Block<'a, T> {
    /// What the outputs of `part` see of `source`, `[N, H, W, C]`.
    pub(super) fn new(source: &'a [T], c: &Correlation, part: &Part) -> Self {
        let [height, width] = c.source;
        let top = c.start[0] + (part.rows.start * c.step[0]) as isize;
        let left = c.start[1];
        let (rows, columns) = (c.reach(0, part.rows.len()), c.reach(1, c.grid[1]));
        let inside = |first: isize, count: usize, size: usize| first >= 0 && first as usize + count <= size;
        let (image, row) = (height * width * c.channels, width * c.channels);
        let block = if rows == 0 || columns == 0 {
            // Outputs that see nothing, wherever that is.
            Self { source, copy: None, start: 0, image, row }
        } else if inside(top, rows, height) && inside(left, columns, width) {
            let start = part.images.start * image + top as usize * row + left as usize * c.channels;
            Self { source, copy: None, start, image, row }
        } else {
            let source = &source[part.images.start * image..part.images.end * image];
            let row = columns * c.channels;
            let mut copy = Storage::scratch(part.images.len() * rows * row);
            for (to, from) in copy.make_mut().chunks_mut((rows * row).max(1)).zip(source.chunks(image.max(1))) {
                pad(to, from, c, (top, left), row);
            }
            Self { source, copy: Some(copy), start: 0, image: rows * row, row }
        };
        let last = part.images.len().saturating_sub(1) * block.image + rows.saturating_sub(1) * block.row;
        let end = if rows == 0 || columns == 0 { 0 } else { last + columns * c.channels };
        assert!(block.values().len() >= end, "a block is as large as what its outputs see");
        block
    }

    /// From the first place on.
    pub(super) fn values(&self) -> &[T] {
        &self.copy.as_ref().map_or(self.source, Storage::as_slice)[self.start..]
    }
}

/// One image from `(top, left)` on, zeros outside of it.
fn pad<T: Float>(to: &mut [T], from: &[T], c: &Correlation, (top, left): (isize, isize), row: usize) {
    let [height, width] = c.source;
    let columns = row / c.channels;
    let first = left.clamp(0, width as isize) as usize;
    let before = ((-left).max(0) as usize).min(columns);
    let count = (columns - before).min(width - first);
    for (y, to) in (top..).zip(to.chunks_mut(row)) {
        if y < 0 || y >= height as isize {
            to.fill(T::zero());
            continue;
        }
        let from = &from[(y as usize * width + first) * c.channels..][..count * c.channels];
        let (zeros, to) = to.split_at_mut(before * c.channels);
        zeros.fill(T::zero());
        let (inside, zeros) = to.split_at_mut(from.len());
        inside.copy_from_slice(from);
        zeros.fill(T::zero());
    }
}
