//! The max pooling layers, over one, two and three dimensions.

use gradus_autograd::Var;
use gradus_tensor::{Float, MaxPoolOptions, Tensor};

use crate::module::{Layer, Members, Module};

/// The largest element of every window over sequences: `[.., L] -> [.., L']` ([torch.nn.MaxPool1d]).
///
/// [torch.nn.MaxPool1d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
pub type MaxPool1d = MaxPool<1>;

/// The largest element of every window over images: `[.., H, W] -> [.., H', W']` ([torch.nn.MaxPool2d]).
///
/// [torch.nn.MaxPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
pub type MaxPool2d = MaxPool<2>;

/// The largest element of every window over volumes: `[.., D, H, W] -> [.., D', H', W']` ([torch.nn.MaxPool3d]).
///
/// [torch.nn.MaxPool3d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
pub type MaxPool3d = MaxPool<3>;

/// Max pooling over D dimensions: [`MaxPool1d`], [`MaxPool2d`] and [`MaxPool3d`].
#[derive(Clone, Copy, Debug)]
pub struct MaxPool<const D: usize> {
    options: MaxPoolOptions<D>,
}

impl<const D: usize> MaxPool<D> {
    /// Windows of `kernel_size` along every dimension, side by side, without padding.
    pub fn new(kernel_size: usize) -> Self {
        Self::with_options([kernel_size; D])
    }

    /// Any window, stride, padding and dilation.
    pub fn with_options(options: impl Into<MaxPoolOptions<D>>) -> Self {
        Self { options: options.into() }
    }

    /// The output, and the place of each maximum in its plane (PyTorch's `return_indices`).
    #[track_caller]
    pub fn forward_with_indices<T: Float>(&self, x: &Var<T>) -> (Var<T>, Tensor<i64>) {
        x.max_pool_with_indices(self.options)
    }
}

impl<const D: usize, T: Float> Module<T> for MaxPool<D> {
    fn type_name(&self) -> String {
        format!("MaxPool{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}

impl<const D: usize, T: Float> Layer<T> for MaxPool<D> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.max_pool(self.options)
    }
}
