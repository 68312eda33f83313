//! Convolution of images in channels-last memory, and its gradients, as sums of small products read where they lie.
//!
//! [`geometry`] says which places an output sees; both the convolution and the gradient of its input are correlations.
//! [`block`] gives images their borders, [`filters`] packs weights, [`mod@correlate`] walks over outputs ([`depthwise`]
//! where groups are single channels), and [`weight`] sums the gradient of the weight. All are made of the register tile
//! of matrix products.

use crate::element::Float;
use crate::kernels::gemm::Epilogue;
use crate::kernels::window::Window2d;
use crate::parallel::for_each_task;
use block::Block;
use correlate::{Target, correlate};
use filters::Filters;
use geometry::{Correlation, Part, Phase};

mod block;
mod correlate;
mod depthwise;
mod filters;
mod geometry;
mod weight;

/// Elements of the source that one piece of work sees: a fraction of the second cache.
const PIECE: usize = 64 * 1024;

/// Pieces to cut the work into, where it is large enough.
const PIECES: usize = 16;

/// Multiply-adds that a piece does at least.
const SMALL: usize = 1 << 19;

/// Sizes of a convolution. N images, `groups` groups of `channels_in` and `channels_out` channels each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv2d {
    pub(crate) images: usize,
    pub(crate) groups: usize,
    pub(crate) channels_in: usize,
    pub(crate) channels_out: usize,
    pub(crate) window: Window2d,
}

impl Conv2d {
    /// Elements of an input image.
    fn input_image(&self) -> usize {
        self.groups * self.channels_in * self.window.input_size()
    }

    /// Elements of an output image.
    fn output_image(&self) -> usize {
        self.groups * self.channels_out * self.window.output_size()
    }

    /// Terms of an output's sum.
    fn fan_in(&self) -> usize {
        self.channels_in * self.window.kernel_size()
    }

    /// Pieces to cut the work of one direction into.
    fn pieces(&self) -> usize {
        let work = self.images * self.output_image() * self.fan_in();
        (work / SMALL).clamp(1, PIECES)
    }

    /// Where a weight is in `[O, C / G, kh, kw]`; channels within their groups.
    fn weight(&self, group: usize, output: usize, input: usize, [y, x]: [usize; 2]) -> usize {
        let [height, width] = self.window.kernel;
        (((group * self.channels_out + output) * self.channels_in + input) * height + y) * width + x
    }
}

/// `y = activation(conv(x, w) + bias)`: x `[N, H, W, C]`, w `[O, C / G, kh, kw]`, y `[N, H', W', O]`.
pub(crate) fn forward<T: Float>(y: &mut [T], x: &[T], weight: &[T], epilogue: Epilogue<'_, T>, conv: &Conv2d) {
    assert_eq!((x.len(), y.len()), (conv.images * conv.input_image(), conv.images * conv.output_image()));
    let c = Correlation::forward(conv);
    let filters = Filters::pack(&c, conv.channels_out, (weight, conv.fan_in()), |group, input, tap| {
        conv.weight(group, 0, input, tap)
    });
    let pixel = conv.groups * conv.channels_out;
    let row = c.grid[1] * pixel;
    let source_row = c.step[0] * c.source[1] * c.channels;
    let parts = Part::cut(conv.images, c.grid[0], source_row, PIECE, conv.pieces());
    let tasks = slices(y, parts, row);
    for_each_task(tasks, |(part, y)| {
        let block = Block::new(x, &c, &part);
        let target = Target { start: 0, image: part.rows.len() * row, row, pixel };
        correlate(y, target, &block, (&c, &part), &filters, epilogue);
    });
}

/// The gradient of `x`: dy `[N, H', W', O]`, w `[O, C / G, kh, kw]`, dx `[N, H, W, C]`.
pub(crate) fn input_gradient<T: Float>(dx: &mut [T], dy: &[T], weight: &[T], conv: &Conv2d) {
    assert_eq!((dx.len(), dy.len()), (conv.images * conv.input_image(), conv.images * conv.output_image()));
    let phases: Vec<(Phase, Filters<T>)> = Phase::all(conv)
        .into_iter()
        .map(|phase| {
            let weight = (weight, conv.window.kernel_size());
            let filters = Filters::pack(&phase.correlation, conv.channels_in, weight, |group, output, tap| {
                conv.weight(group, output, 0, phase.element(tap))
            });
            (phase, filters)
        })
        .collect();
    // Parts are of whole strides, so that each has all phases.
    let (stride, [height, width]) = (conv.window.stride, conv.window.input);
    let pixel = conv.groups * conv.channels_in;
    let row = width * pixel;
    let source_row = conv.window.output[1] * conv.groups * conv.channels_out;
    let strides = Part::cut(conv.images, height.div_ceil(stride[0]), source_row, PIECE, conv.pieces());
    let rows = |part: Part| Part { rows: part.rows.start * stride[0]..(part.rows.end * stride[0]).min(height), ..part };
    let tasks = slices(dx, strides.into_iter().map(rows).collect(), row);
    for_each_task(tasks, |(part, dx)| {
        for (phase, filters) in &phases {
            let c = &phase.correlation;
            let first = part.rows.start / stride[0];
            let end = part.rows.end.saturating_sub(phase.first[0]).div_ceil(stride[0]);
            let own = Part { images: part.images.clone(), rows: first..end.max(first) };
            let target = Target {
                start: phase.first[0] * row + phase.first[1] * pixel,
                image: part.rows.len() * row,
                row: stride[0] * row,
                pixel: stride[1] * pixel,
            };
            correlate(dx, target, &Block::new(dy, c, &own), (c, &own), filters, Epilogue::NONE);
        }
    });
}

/// The gradient of `w`: x `[N, H, W, C]`, dy `[N, H', W', O]`, dw `[O, C / G, kh, kw]`.
pub(crate) fn weight_gradient<T: Float>(dw: &mut [T], x: &[T], dy: &[T], conv: &Conv2d) {
    assert_eq!((x.len(), dy.len()), (conv.images * conv.input_image(), conv.images * conv.output_image()));
    weight::gradient(dw, x, dy, conv);
}

/// Each part with its memory: `y` is `[N, rows, ..]` with `row` elements a row, and the parts cover it in order.
fn slices<T>(mut y: &mut [T], parts: Vec<Part>, row: usize) -> Vec<(Part, &mut [T])> {
    parts
        .into_iter()
        .map(|part| {
            let (now, rest) = std::mem::take(&mut y).split_at_mut(part.images.len() * part.rows.len() * row);
            y = rest;
            (part, now)
        })
        .collect()
}
