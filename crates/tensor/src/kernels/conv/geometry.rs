//! Which places of an image the outputs of a convolution, or of its gradient, are sums over.

use std::ops::Range;

use super::Conv2d;

/// `out[y, x] = sum over taps (a, b) of source[y * step + a * dilation + start, ..] w[a, b]`, with zeros outside of the
/// source. Each pair is `[height, width]`.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    /// The source's size.
    pub(super) source: [usize; 2],
    /// Channels of the source, those of all groups.
    pub(super) channels: usize,
    /// The outputs.
    pub(super) grid: [usize; 2],
    /// Places of the source between outputs.
    pub(super) step: [usize; 2],
    /// Where the first tap of the first output is, perhaps outside.
    pub(super) start: [isize; 2],
    /// Kernel elements; 0 where no output sees the source.
    pub(super) taps: [usize; 2],
    /// Places of the source between taps.
    pub(super) dilation: [usize; 2],
    /// Groups of channels.
    pub(super) groups: usize,
}

impl Correlation {
    /// That of the convolution itself.
    pub(super) fn forward(conv: &Conv2d) -> Self {
        let window = &conv.window;
        Self {
            source: window.input,
            channels: conv.groups * conv.channels_in,
            grid: window.output,
            step: window.stride,
            start: window.padding.map(|p| -(p as isize)),
            taps: window.kernel,
            dilation: window.dilation,
            groups: conv.groups,
        }
    }

    /// Source rows or columns that `outputs` of them see, along axis `d`.
    pub(super) fn reach(&self, d: usize, outputs: usize) -> usize {
        if outputs == 0 || self.taps[d] == 0 {
            return 0;
        }
        (outputs - 1) * self.step[d] + (self.taps[d] - 1) * self.dilation[d] + 1
    }

    /// Channels of one group.
    pub(super) fn group_channels(&self) -> usize {
        self.channels / self.groups
    }

    /// Kernel elements side by side whose channels lie side by side too, so that they are one sum: a whole kernel row,
    /// or one element.
    fn together(&self) -> usize {
        if self.groups == 1 && self.dilation[1] == 1 { self.taps[1] } else { self.taps[1].min(1) }
    }

    /// The length of the sums that memory holds in one piece.
    pub(super) fn run(&self) -> usize {
        self.together() * self.group_channels()
    }

    /// Terms of one output's sum.
    pub(super) fn depth(&self) -> usize {
        self.taps[0] * self.taps[1] * self.group_channels()
    }

    /// Where each run starts in a block whose rows are `row` elements apart.
    pub(super) fn run_offsets(&self, row: usize) -> impl Iterator<Item = usize> {
        let (down, right) = (self.dilation[0] * row, self.dilation[1] * self.channels);
        let (rows, runs) = (self.taps[0], self.taps[1].checked_div(self.together()).unwrap_or(0));
        (0..rows).flat_map(move |a| (0..runs).map(move |b| a * down + b * right))
    }
}

/// A part of the gradient of the input, the places `phase + i * stride`: a correlation over the gradient of the output,
/// with some of the kernel's elements, in reverse.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    pub(super) correlation: Correlation,
    /// The first place of the input.
    pub(super) first: [usize; 2],
    /// The kernel element of the last tap, and the distance to that of the tap before it.
    kernel: [Steps; 2],
}

#[derive(Clone, Copy, Debug)]
struct Steps {
    first: usize,
    step: usize,
}

impl Phase {
    /// All phases, which together cover the input.
    pub(super) fn all(conv: &Conv2d) -> Vec<Self> {
        let [down, right] = conv.window.stride;
        let [height, width] = conv.window.input;
        let firsts = (0..down.min(height)).flat_map(|y| (0..right.min(width)).map(move |x| [y, x]));
        firsts.map(|first| Self::new(conv, first)).collect()
    }

    /// Input place `first + j stride` is under kernel element `k` of output `o` where `o stride + k dilation - padding`
    /// is it. So the elements that matter are every `stride / gcd(stride, dilation)`-th, and `o` falls by
    /// `dilation / gcd` from one to the next.
    fn new(conv: &Conv2d, first: [usize; 2]) -> Self {
        let window = &conv.window;
        let axes = [0, 1].map(|d| {
            let (stride, dilation, kernel) = (window.stride[d], window.dilation[d], window.kernel[d]);
            let common = gcd(stride, dilation);
            let (step, fall) = (stride / common, dilation / common);
            let shift = (first[d] + window.padding[d]) as isize;
            let behind = |k: usize| shift - (k * dilation) as isize;
            let element = (0..kernel.min(step)).find(|&k| behind(k).rem_euclid(stride as isize) == 0);
            let taps = element.map_or(0, |k| (kernel - k).div_ceil(step));
            let element = element.unwrap_or(0);
            let start = behind(element).div_euclid(stride as isize) - (taps.saturating_sub(1) * fall) as isize;
            (Steps { first: element, step }, taps, fall, start)
        });
        let correlation = Correlation {
            source: window.output,
            channels: conv.groups * conv.channels_out,
            grid: [0, 1].map(|d| (window.input[d] - first[d]).div_ceil(window.stride[d])),
            step: [1, 1],
            start: axes.map(|(.., start)| start),
            taps: axes.map(|(_, taps, ..)| taps),
            dilation: axes.map(|(_, _, fall, _)| fall),
            groups: conv.groups,
        };
        Self { correlation, first, kernel: axes.map(|(steps, ..)| steps) }
    }

    /// The kernel element of a tap.
    pub(super) fn element(&self, tap: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|d| {
            let Steps { first, step } = self.kernel[d];
            first + (self.correlation.taps[d] - 1 - tap[d]) * step
        })
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Images, and rows of each, that are worked on together.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) images: Range<usize>,
    pub(super) rows: Range<usize>,
}

impl Part {
    /// Cuts `images` of `rows` rows, `row` elements each, into parts of about `size` elements: rows of one image, or
    /// whole images. At least `least` parts, where there are so many images or rows.
    pub(super) fn cut(images: usize, rows: usize, row: usize, size: usize, least: usize) -> Vec<Self> {
        let image = (rows * row).max(1);
        let together = (size / image).min(images / least).max(1);
        let blocks = image.div_ceil(size.max(1)).max(least.div_ceil(images.max(1))).clamp(1, rows.max(1));
        let mut parts = Vec::new();
        for first in (0..images).step_by(together) {
            let images = first..(first + together).min(images);
            parts.extend(
                (0..blocks).map(|i| Self { images: images.clone(), rows: i * rows / blocks..(i + 1) * rows / blocks }),
            );
        }
        parts
    }
}
