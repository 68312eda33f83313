//! The elements of every window as a column.

use gradus_tensor::Float;

use crate::ops::window::windows::{count, unfolding};
use crate::var::Var;

/// How the window of [`Var::unfold`] and [`Var::fold`] moves; each pair is `[height, width]`. [`new`](Self::new) has
/// PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfoldOptions {
    /// The window's size.
    pub kernel_size: [usize; 2],
    /// Steps between the elements of a window.
    pub dilation: [usize; 2],
    /// Zeros on each side of the image.
    pub padding: [usize; 2],
    /// Steps between windows.
    pub stride: [usize; 2],
}

impl UnfoldOptions {
    /// Windows of this size at every place: dilation 1, no padding, stride 1.
    pub fn new(kernel_size: [usize; 2]) -> Self {
        Self { kernel_size, dilation: [1; 2], padding: [0; 2], stride: [1; 2] }
    }

    /// How many windows there are down and across.
    #[track_caller]
    pub(super) fn windows(self, operation: &str, image: [usize; 2]) -> [usize; 2] {
        count(operation, image, self.kernel_size, self.stride, self.padding, self.dilation)
    }

    /// Stride, padding and dilation along dimension `d`.
    pub(super) fn steps(self, d: usize) -> [usize; 3] {
        [self.stride[d], self.padding[d], self.dilation[d]]
    }
}

impl<T: Float> Var<T> {
    /// The elements of every window as a column: images `[N, C, H, W]` or `[C, H, W]` give `[N, C kh kw, L]` or
    /// `[C kh kw, L]` for L windows (PyTorch's `functional.unfold`, im2col).
    ///
    /// # Panics
    /// If there are fewer than three or more than four dimensions, or the window does not fit.
    #[track_caller]
    pub fn unfold(&self, options: UnfoldOptions) -> Self {
        let &[images, channels, height, width] = self.shape() else {
            assert!(self.shape().len() == 3, "unfold: input {:?} must be [N, C, H, W] or [C, H, W]", self.shape());
            return self.unsqueeze(0).unfold(options).squeeze(0);
        };
        let [down, across] = options.windows("unfold", [height, width]);
        let [kh, kw] = options.kernel_size;
        self.map_axis(2, &unfolding(height, down, kh, options.steps(0)))
            .map_axis(3, &unfolding(width, across, kw, options.steps(1)))
            .reshape([images, channels, kh, down, kw, across])
            .permute(&[0, 1, 2, 4, 3, 5])
            .reshape([images, channels * kh * kw, down * across])
    }
}
