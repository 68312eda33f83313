//! The two-dimensional average pooling layers.

use gradus_autograd::Var;
use gradus_tensor::{Float, Pool2dOptions};

use crate::module::{Layer, Members, Module};

/// The average of every window, zeros of the padding included: `[.., H, W] -> [.., H', W']` ([torch.nn.AvgPool2d]).
///
/// [torch.nn.AvgPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
#[derive(Clone, Copy, Debug)]
pub struct AvgPool2d {
    options: Pool2dOptions,
}

impl AvgPool2d {
    /// Square windows of `kernel_size`, side by side, without padding.
    pub fn new(kernel_size: usize) -> Self {
        Self::with_options(Pool2dOptions::new([kernel_size; 2]))
    }

    /// Any window, stride and padding.
    pub fn with_options(options: Pool2dOptions) -> Self {
        Self { options }
    }
}

impl<T: Float> Module<T> for AvgPool2d {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for AvgPool2d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.avg_pool2d(self.options)
    }
}

/// The averages of windows that cover the plane, as many as outputs: `[.., H, W] -> [.., H', W']`
/// ([torch.nn.AdaptiveAvgPool2d]).
///
/// [torch.nn.AdaptiveAvgPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveAvgPool2d {
    output: [usize; 2],
}

impl AdaptiveAvgPool2d {
    /// `output` is `[height, width]`; `[1, 1]` gives the mean of each plane.
    pub fn new(output: [usize; 2]) -> Self {
        Self { output }
    }
}

impl<T: Float> Module<T> for AdaptiveAvgPool2d {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for AdaptiveAvgPool2d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.adaptive_avg_pool2d(self.output)
    }
}
