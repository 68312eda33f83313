//! The power-average pooling layers, over one, two and three dimensions.

use gradus_autograd::{LPPoolOptions, Var};
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `(sum x^p)^(1/p)` of every window over sequences: `[.., L] -> [.., L']` ([torch.nn.LPPool1d]).
///
/// [torch.nn.LPPool1d]: https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
pub type LPPool1d = LPPool<1>;

/// `(sum x^p)^(1/p)` of every window over images: `[.., H, W] -> [.., H', W']` ([torch.nn.LPPool2d]).
///
/// [torch.nn.LPPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
pub type LPPool2d = LPPool<2>;

/// `(sum x^p)^(1/p)` of every window over volumes: `[.., D, H, W] -> [.., D', H', W']` ([torch.nn.LPPool3d]).
///
/// [torch.nn.LPPool3d]: https://pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
pub type LPPool3d = LPPool<3>;

/// Power-average pooling over D dimensions: [`LPPool1d`], [`LPPool2d`] and [`LPPool3d`].
#[derive(Clone, Copy, Debug)]
pub struct LPPool<const D: usize> {
    options: LPPoolOptions<D>,
}

impl<const D: usize> LPPool<D> {
    /// The power `norm_type` over windows of `kernel_size` along every dimension, side by side.
    pub fn new(norm_type: f64, kernel_size: usize) -> Self {
        Self::with_options(LPPoolOptions::new(norm_type, [kernel_size; D]))
    }

    /// Any power, window and stride.
    pub fn with_options(options: LPPoolOptions<D>) -> Self {
        Self { options }
    }
}

impl<const D: usize, T: Float> Module<T> for LPPool<D> {
    fn type_name(&self) -> String {
        format!("LPPool{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}

impl<const D: usize, T: Float> Layer<T> for LPPool<D> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.lp_pool(self.options)
    }
}
