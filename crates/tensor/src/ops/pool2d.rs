//! What all pooling shares: how windows move, and how the kernels see memory.

use crate::element::Element;
use crate::kernels::window::Window2d;
use crate::shape::Dims;
use crate::tensor::Tensor;

/// How a pooling window moves; each pair is `[height, width]`. [`new`](Self::new) has PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2dOptions {
    /// The window's size.
    pub kernel_size: [usize; 2],
    /// Steps between windows; PyTorch's default is the window's size.
    pub stride: [usize; 2],
    /// Border on each side that no value comes from; at most half the window.
    pub padding: [usize; 2],
}

impl Pool2dOptions {
    /// Windows of this size side by side, without padding: PyTorch's defaults.
    ///
    /// ```
    /// use gradus_tensor::{Pool2dOptions, Tensor};
    ///
    /// let x = Tensor::from_vec((0..16).map(|i| i as f32).collect(), [1, 1, 4, 4]);
    /// let (y, _) = x.max_pool2d(Pool2dOptions::new([2, 2]));
    /// assert_eq!(y.to_vec(), [5.0, 7.0, 13.0, 15.0]);
    /// ```
    pub fn new(kernel_size: [usize; 2]) -> Self {
        Self { kernel_size, stride: kernel_size, padding: [0, 0] }
    }

    /// The windows over the last two dimensions of `shape`.
    #[track_caller]
    pub(super) fn window(self, operation: &str, shape: &[usize]) -> Window2d {
        MaxPoolOptions::from(self).window(operation, shape)
    }
}

/// How a max pooling window moves over the last D dimensions. [`new`](Self::new) has PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPoolOptions<const D: usize> {
    /// The window's size.
    pub kernel_size: [usize; D],
    /// Steps between windows; PyTorch's default is the window's size.
    pub stride: [usize; D],
    /// Border on each side that no value comes from; at most half the window.
    pub padding: [usize; D],
    /// Steps between the elements of a window.
    pub dilation: [usize; D],
    /// Whether a last window may stick out, if it begins inside the input or the border before it.
    pub ceil_mode: bool,
}

impl<const D: usize> MaxPoolOptions<D> {
    /// Windows of this size side by side, without padding: PyTorch's defaults.
    pub fn new(kernel_size: [usize; D]) -> Self {
        Self { kernel_size, stride: kernel_size, padding: [0; D], dilation: [1; D], ceil_mode: false }
    }
}

/// Windows of this size, as [`MaxPoolOptions::new`].
impl<const D: usize> From<[usize; D]> for MaxPoolOptions<D> {
    fn from(kernel_size: [usize; D]) -> Self {
        Self::new(kernel_size)
    }
}

impl From<Pool2dOptions> for MaxPoolOptions<2> {
    fn from(options: Pool2dOptions) -> Self {
        let Pool2dOptions { kernel_size, stride, padding } = options;
        Self { kernel_size, stride, padding, dilation: [1, 1], ceil_mode: false }
    }
}

impl MaxPoolOptions<2> {
    /// The windows over the last two dimensions of `shape`.
    #[track_caller]
    pub(super) fn window(self, operation: &str, shape: &[usize]) -> Window2d {
        let Self { kernel_size, stride, padding, dilation, ceil_mode } = self;
        let &[.., height, width] = shape else {
            panic!("{operation}: shape {shape:?} must be [.., H, W]");
        };
        assert!(
            padding[0] * 2 <= kernel_size[0] && padding[1] * 2 <= kernel_size[1],
            "{operation}: padding {padding:?} is more than half of kernel {kernel_size:?}"
        );
        assert!(height > 0 && width > 0, "{operation}: shape {shape:?} has no element in its planes");
        let window = Window2d::new(operation, [height, width], kernel_size, stride, padding, dilation);
        if ceil_mode { window.with_ceil() } else { window }
    }
}

/// `shape` with planes of another size.
pub(super) fn with_plane(shape: &[usize], plane: [usize; 2]) -> Dims {
    shape[..shape.len() - 2].iter().copied().chain(plane).collect()
}

/// How images lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemoryFormat {
    /// Plane after plane, which the kernels take as images of one channel.
    RowMajor,
    /// The channels of a pixel side by side.
    ChannelsLast,
}

impl MemoryFormat {
    /// The channels that lie side by side in images of `shape`.
    pub(super) fn channels(self, shape: &[usize]) -> usize {
        match self {
            Self::RowMajor => 1,
            Self::ChannelsLast => shape[1],
        }
    }
}

impl<T: Element> Tensor<T> {
    /// Which way pooling takes this tensor.
    pub(super) fn memory_format(&self) -> MemoryFormat {
        let channels_last = !self.is_contiguous() && self.is_channels_last() && self.shape()[1] > 1;
        if channels_last { MemoryFormat::ChannelsLast } else { MemoryFormat::RowMajor }
    }

    /// This tensor in memory of that kind.
    #[track_caller]
    pub(super) fn in_format(&self, format: MemoryFormat) -> Self {
        match format {
            MemoryFormat::RowMajor => self.contiguous(),
            MemoryFormat::ChannelsLast => self.to_channels_last(),
        }
    }

    /// The elements in the order that [`in_format`](Self::in_format) gave them.
    pub(super) fn slice_in(&self, format: MemoryFormat) -> &[T] {
        let values = match format {
            MemoryFormat::RowMajor => self.as_slice(),
            MemoryFormat::ChannelsLast => self.channels_last_slice(),
        };
        values.expect("the memory is of this kind")
    }

    /// A tensor of `shape` in such memory.
    #[track_caller]
    pub(super) fn build_in_format(shape: &[usize], format: MemoryFormat, fill: impl FnOnce(&mut [T])) -> Self {
        match (format, shape) {
            (MemoryFormat::ChannelsLast, &[images, channels, height, width]) => {
                Self::build_channels_last([images, channels, height, width], fill)
            }
            _ => Self::build(shape, fill),
        }
    }

    /// Two tensors of `shape` in such memory.
    #[track_caller]
    pub(super) fn build2_in_format<U: Element>(
        shape: &[usize],
        format: MemoryFormat,
        fill: impl FnOnce(&mut [T], &mut [U]),
    ) -> (Self, Tensor<U>) {
        match (format, shape) {
            (MemoryFormat::ChannelsLast, &[images, channels, height, width]) => {
                let lying = [images, height, width, channels];
                let (first, second) = Self::build2(&lying, &lying, fill);
                (first.permute(&[0, 3, 1, 2]), second.permute(&[0, 3, 1, 2]))
            }
            _ => Self::build2(shape, shape, fill),
        }
    }
}
