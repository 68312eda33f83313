//! The average pooling layers, over one, two and three dimensions.

use gradus_autograd::{AvgPoolOptions, Var};
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// The average of every window over sequences: `[.., L] -> [.., L']` ([torch.nn.AvgPool1d]).
///
/// [torch.nn.AvgPool1d]: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
pub type AvgPool1d = AvgPool<1>;

/// The average of every window over images: `[.., H, W] -> [.., H', W']` ([torch.nn.AvgPool2d]).
///
/// [torch.nn.AvgPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
pub type AvgPool2d = AvgPool<2>;

/// The average of every window over volumes: `[.., D, H, W] -> [.., D', H', W']` ([torch.nn.AvgPool3d]).
///
/// [torch.nn.AvgPool3d]: https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
pub type AvgPool3d = AvgPool<3>;

/// Average pooling over D dimensions: [`AvgPool1d`], [`AvgPool2d`] and [`AvgPool3d`].
#[derive(Clone, Copy, Debug)]
pub struct AvgPool<const D: usize> {
    options: AvgPoolOptions<D>,
}

impl<const D: usize> AvgPool<D> {
    /// Windows of `kernel_size` along every dimension, side by side, without padding.
    pub fn new(kernel_size: usize) -> Self {
        Self::with_options([kernel_size; D])
    }

    /// Any window, stride and padding, and what sums are divided by.
    pub fn with_options(options: impl Into<AvgPoolOptions<D>>) -> Self {
        Self { options: options.into() }
    }
}

impl<const D: usize, T: Float> Module<T> for AvgPool<D> {
    fn type_name(&self) -> String {
        format!("AvgPool{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}

impl<const D: usize, T: Float> Layer<T> for AvgPool<D> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.avg_pool(self.options)
    }
}
