//! Average pooling over one, two or three dimensions, a dimension after the other.

use gradus_tensor::{AxisMap, Float, Pool2dOptions};

use crate::ops::window::windows::{check_padding, count, plane, pooled};
use crate::var::Var;

/// How an average pooling window moves over the last D dimensions. [`new`](Self::new) has PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPoolOptions<const D: usize> {
    /// The window's size.
    pub kernel_size: [usize; D],
    /// Steps between windows; PyTorch's default is the window's size.
    pub stride: [usize; D],
    /// Zeros on each side; at most half the window.
    pub padding: [usize; D],
    /// Whether a last window may stick out, if it begins inside the input or the padding before it.
    pub ceil_mode: bool,
    /// Whether the zeros of the padding count as elements of the average.
    pub count_include_pad: bool,
    /// What sums are divided by instead of the number of elements.
    pub divisor_override: Option<usize>,
}

impl<const D: usize> AvgPoolOptions<D> {
    /// Windows of this size side by side, without padding: PyTorch's defaults.
    pub fn new(kernel_size: [usize; D]) -> Self {
        Self {
            kernel_size,
            stride: kernel_size,
            padding: [0; D],
            ceil_mode: false,
            count_include_pad: true,
            divisor_override: None,
        }
    }
}

/// Windows of this size, as [`AvgPoolOptions::new`].
impl<const D: usize> From<[usize; D]> for AvgPoolOptions<D> {
    fn from(kernel_size: [usize; D]) -> Self {
        Self::new(kernel_size)
    }
}

impl From<Pool2dOptions> for AvgPoolOptions<2> {
    fn from(options: Pool2dOptions) -> Self {
        let Pool2dOptions { kernel_size, stride, padding } = options;
        Self { stride, padding, ..Self::new(kernel_size) }
    }
}

impl<T: Float> Var<T> {
    /// The average of every window of the last dimension: `[.., L] -> [.., L']` (PyTorch's `functional.avg_pool1d`).
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn avg_pool1d(&self, options: impl Into<AvgPoolOptions<1>>) -> Self {
        self.avg_pool(options.into())
    }

    /// The average of every window: `[.., H, W] -> [.., H', W']` (PyTorch's `functional.avg_pool2d`).
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn avg_pool2d(&self, options: impl Into<AvgPoolOptions<2>>) -> Self {
        self.avg_pool(options.into())
    }

    /// The average of every window: `[.., D, H, W] -> [.., D', H', W']` (PyTorch's `functional.avg_pool3d`).
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn avg_pool3d(&self, options: impl Into<AvgPoolOptions<3>>) -> Self {
        self.avg_pool(options.into())
    }

    /// Average pooling over the last D dimensions.
    ///
    /// # Panics
    /// If the window does not fit, the padding is more than half of it, or the divisor is 0.
    #[track_caller]
    pub fn avg_pool<const D: usize>(&self, options: AvgPoolOptions<D>) -> Self {
        let AvgPoolOptions { kernel_size, stride, padding, .. } = options;
        let is_plain = !options.ceil_mode && options.count_include_pad && options.divisor_override.is_none();
        if let (true, &[height, width], &[down, right], &[above, left]) =
            (is_plain, &kernel_size[..], &stride[..], &padding[..])
        {
            let options = Pool2dOptions { kernel_size: [height, width], stride: [down, right], padding: [above, left] };
            return self.avg_pool2d_plain(options);
        }
        let name = ["avg_pool1d", "avg_pool2d", "avg_pool3d"][D - 1];
        let input = plane::<D>(name, self.shape());
        check_padding(name, padding, kernel_size);
        count(name, input, kernel_size, stride, padding, [1; D]);
        assert!(options.divisor_override != Some(0), "{name}: divisor_override must not be 0");
        self.map_last::<D>(|d| averages(input[d], options, d))
    }
}

/// The windows along dimension `d`.
fn averages<const D: usize>(input: usize, options: AvgPoolOptions<D>, d: usize) -> AxisMap {
    let (kernel, stride, padding) = (options.kernel_size[d], options.stride[d], options.padding[d]);
    let windows = pooled(input, kernel, stride, padding, options.ceil_mode);
    AxisMap::new(input, windows, |i| {
        // Counted from the beginning of the padding; a window that sticks out ends with the padding.
        let (start, end) = (i * stride, (i * stride + kernel).min(input + 2 * padding));
        let inside = start.saturating_sub(padding)..end.saturating_sub(padding).min(input);
        let elements = if options.count_include_pad { end - start } else { inside.len() };
        let weight = match options.divisor_override {
            None => 1.0 / elements as f64,
            // One division for all dimensions.
            Some(divisor) => {
                if d == 0 {
                    1.0 / divisor as f64
                } else {
                    1.0
                }
            }
        };
        inside.map(move |at| (at, weight))
    })
}
