//! The geometry of sliding windows: kernel size, stride, padding, dilation, over height and width.

use std::ops::Range;

/// A sliding window over an image of `input` size, in `[height, width]` order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window2d {
    pub(crate) input: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) padding: [usize; 2],
    pub(crate) dilation: [usize; 2],
    pub(crate) output: [usize; 2],
}

impl Window2d {
    /// PyTorch's output size: `floor((input + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`.
    ///
    /// # Panics
    /// If a stride, dilation or kernel size is 0, or the kernel is larger than the padded input, naming `operation`.
    #[track_caller]
    pub(crate) fn new(
        operation: &str,
        input: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
    ) -> Self {
        let positive = [kernel, stride, dilation].iter().flatten().all(|&x| x > 0);
        assert!(
            positive,
            "{operation}: kernel {kernel:?}, stride {stride:?} and dilation {dilation:?} must be positive"
        );
        let free = [0, 1].map(|d| (input[d] + 2 * padding[d]).checked_sub(dilation[d] * (kernel[d] - 1) + 1));
        let [Some(down), Some(right)] = free else {
            panic!(
                "{operation}: kernel {kernel:?} (dilation {dilation:?}) is larger than input {input:?} with padding \
                 {padding:?}"
            );
        };
        let output = [down / stride[0] + 1, right / stride[1] + 1];
        Self { input, kernel, stride, padding, dilation, output }
    }

    /// The same window with PyTorch's `ceil_mode`: a last window may stick out, if it begins inside the input or the
    /// border before it.
    pub(crate) fn with_ceil(mut self) -> Self {
        for d in 0..2 {
            let covered = self.dilation[d] * (self.kernel[d] - 1) + 1;
            self.output[d] = ceil_size(self.input[d], covered, self.stride[d], self.padding[d]);
        }
        self
    }

    /// Elements of an input plane.
    pub(crate) fn input_size(&self) -> usize {
        self.input[0] * self.input[1]
    }

    /// Elements of an output plane.
    pub(crate) fn output_size(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Elements of the kernel.
    pub(crate) fn kernel_size(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// The input coordinates, along axis `d`, that the window of output coordinate `at` covers, padding left out: every
    /// `dilation`-th of the range.
    #[inline(always)]
    pub(crate) fn inside(&self, d: usize, at: usize) -> Range<usize> {
        let (start, padding, dilation) = (at * self.stride[d], self.padding[d], self.dilation[d]);
        let end = (start + dilation * (self.kernel[d] - 1) + 1).saturating_sub(padding).min(self.input[d]);
        let first = start
            .checked_sub(padding)
            .unwrap_or_else(|| (padding - start).next_multiple_of(dilation) + start - padding);
        first..end
    }
}

/// PyTorch's output size in `ceil_mode`, of windows that cover that many places.
pub(crate) fn ceil_size(input: usize, covered: usize, stride: usize, padding: usize) -> usize {
    let size = (input + 2 * padding - covered).div_ceil(stride) + 1;
    if (size - 1) * stride >= input + padding { size - 1 } else { size }
}
