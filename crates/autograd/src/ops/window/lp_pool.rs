//! Pooling by the sums of powers, over one, two or three dimensions.

use gradus_tensor::Float;

use crate::ops::window::avg_pool::AvgPoolOptions;
use crate::ops::window::windows::{count, plane};
use crate::var::Var;

/// How a power-average pooling window moves over the last D dimensions. [`new`](Self::new) has PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LPPoolOptions<const D: usize> {
    /// The power: 1 adds up, and large ones come near the maximum.
    pub norm_type: f64,
    /// The window's size.
    pub kernel_size: [usize; D],
    /// Steps between windows; PyTorch's default is the window's size.
    pub stride: [usize; D],
    /// Whether a last window may stick out, if it begins inside the input.
    pub ceil_mode: bool,
}

impl<const D: usize> LPPoolOptions<D> {
    /// Windows of this size side by side: PyTorch's defaults.
    pub fn new(norm_type: f64, kernel_size: [usize; D]) -> Self {
        Self { norm_type, kernel_size, stride: kernel_size, ceil_mode: false }
    }
}

impl<T: Float> Var<T> {
    /// `(sum x^p)^(1/p)` of every window of the last dimension: `[.., L] -> [.., L']` (PyTorch's
    /// `functional.lp_pool1d`).
    ///
    /// # Panics
    /// If the window does not fit.
    #[track_caller]
    pub fn lp_pool1d(&self, options: LPPoolOptions<1>) -> Self {
        self.lp_pool(options)
    }

    /// `(sum x^p)^(1/p)` of every window: `[.., H, W] -> [.., H', W']` (PyTorch's `functional.lp_pool2d`).
    ///
    /// # Panics
    /// If the window does not fit.
    #[track_caller]
    pub fn lp_pool2d(&self, options: LPPoolOptions<2>) -> Self {
        self.lp_pool(options)
    }

    /// `(sum x^p)^(1/p)` of every window: `[.., D, H, W] -> [.., D', H', W']` (PyTorch's `functional.lp_pool3d`).
    ///
    /// # Panics
    /// If the window does not fit.
    #[track_caller]
    pub fn lp_pool3d(&self, options: LPPoolOptions<3>) -> Self {
        self.lp_pool(options)
    }

    /// Power-average pooling over the last D dimensions, one, two or three. A window that sticks out counts as if it
    /// were full of its average, as in PyTorch; and the gradient where a window's sum is 0 is NaN, as there.
    ///
    /// # Panics
    /// If the window does not fit.
    #[track_caller]
    pub fn lp_pool<const D: usize>(&self, options: LPPoolOptions<D>) -> Self {
        let LPPoolOptions { norm_type, kernel_size, stride, ceil_mode } = options;
        let name = ["lp_pool1d", "lp_pool2d", "lp_pool3d"][D - 1];
        count(name, plane::<D>(name, self.shape()), kernel_size, stride, [0; D], [1; D]);
        let windows = AvgPoolOptions { stride, ceil_mode, ..AvgPoolOptions::new(kernel_size) };
        let averages = self.pow(T::from_f64(norm_type)).avg_pool(windows);
        // The averages themselves, but for their derivatives at 0.
        let averages = averages.sign() * averages.abs().relu();
        let elements: usize = kernel_size.iter().product();
        (averages * T::from_f64(elements as f64)).pow(T::from_f64(1.0 / norm_type))
    }
}
