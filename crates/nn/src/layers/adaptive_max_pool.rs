//! The adaptive max pooling layers, over one, two and three dimensions.

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use crate::layers::adaptive_avg_pool::output_size;
use crate::module::{Layer, Members, Module};

/// The largest elements of windows, as many as outputs over sequences: `[.., L] -> [.., L']`
/// ([torch.nn.AdaptiveMaxPool1d]).
///
/// [torch.nn.AdaptiveMaxPool1d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
pub type AdaptiveMaxPool1d = AdaptiveMaxPool<1>;

/// The largest elements of windows, as many as outputs over images: `[.., H, W] -> [.., H', W']`
/// ([torch.nn.AdaptiveMaxPool2d]).
///
/// [torch.nn.AdaptiveMaxPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
pub type AdaptiveMaxPool2d = AdaptiveMaxPool<2>;

/// The largest elements of windows, as many as outputs over volumes: `[.., D, H, W] -> [.., D', H', W']`
/// ([torch.nn.AdaptiveMaxPool3d]).
///
/// [torch.nn.AdaptiveMaxPool3d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
pub type AdaptiveMaxPool3d = AdaptiveMaxPool<3>;

/// Adaptive max pooling over D dimensions: [`AdaptiveMaxPool1d`], [`AdaptiveMaxPool2d`] and [`AdaptiveMaxPool3d`].
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveMaxPool<const D: usize> {
    output: [Option<usize>; D],
}

impl<const D: usize> AdaptiveMaxPool<D> {
    /// `output` is the output's size; a dimension that is `None` keeps the input's.
    pub fn new<S: Into<Option<usize>>>(output: [S; D]) -> Self {
        Self { output: output.map(Into::into) }
    }

    /// The output, and the place of each maximum in its plane (PyTorch's `return_indices`).
    #[track_caller]
    pub fn forward_with_indices<T: Float>(&self, x: &Var<T>) -> (Var<T>, Tensor<i64>) {
        x.adaptive_max_pool_with_indices(output_size(self.output, x.shape()))
    }
}

impl<const D: usize, T: Float> Module<T> for AdaptiveMaxPool<D> {
    fn type_name(&self) -> String {
        format!("AdaptiveMaxPool{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}

impl<const D: usize, T: Float> Layer<T> for AdaptiveMaxPool<D> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.adaptive_max_pool_with_indices(output_size(self.output, x.shape())).0
    }
}
