//! Weights in the order in which tiles read them.

use super::geometry::Correlation;
use crate::element::Float;
use crate::parallel::for_each_piece;
use crate::storage::Storage;

/// Rows of a panel that are packed together.
const ROWS: usize = 128;

/// For each group, panels of output channels as wide as a tile; in each, `[taps, input channels, width]`.
pub(super) struct Filters<T: Float> {
    values: Storage<T>,
    /// Output channels of one group.
    pub(super) outputs: usize,
    /// Output channels in one panel.
    pub(super) width: usize,
    depth: usize,
}

impl<T: Float> Filters<T> {
    /// `first(group, input channel, tap)` is where in `weight` the group's first output channel is, `step` the distance
    /// between output channels; channels count within their groups.
    pub(super) fn pack(
        c: &Correlation,
        outputs: usize,
        (weight, step): (&[T], usize),
        first: impl Fn(usize, usize, [usize; 2]) -> usize + Sync,
    ) -> Self {
        let shape = T::tile_shape();
        let width = shape.columns.min(outputs.next_multiple_of(shape.lanes)).max(1);
        let (depth, channels, panels) = (c.depth(), c.group_channels(), outputs.div_ceil(width));
        let mut values = Storage::scratch(c.groups * panels * depth * width);
        for_each_piece(values.make_mut(), ROWS * width, |start, values| {
            for (row, values) in (start / width..).zip(values.chunks_mut(width)) {
                let (panel, k) = (row / depth, row % depth);
                let (group, panel) = (panel / panels, panel % panels);
                let (tap, channel) = (k / channels, k % channels);
                let tap = [tap / c.taps[1], tap % c.taps[1]];
                let (inside, outside) = values.split_at_mut(width.min(outputs - panel * width));
                let from = weight[first(group, channel, tap) + panel * width * step..].iter().step_by(step);
                inside.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
                outside.fill(T::zero());
            }
        });
        Self { values, outputs, width, depth }
    }

    /// The panels of a group, each with the first of its output channels, those that it has, and its values.
    pub(super) fn panels(&self, group: usize) -> impl Iterator<Item = (usize, usize, &[T])> {
        let count = self.outputs.div_ceil(self.width);
        let panel = self.depth * self.width;
        (0..count).map(move |i| {
            let values = &self.values.as_slice()[(group * count + i) * panel..][..panel];
            (i * self.width, self.width.min(self.outputs - i * self.width), values)
        })
    }
}
