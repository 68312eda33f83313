//! The two-dimensional max pooling layer.

use gradus_autograd::Var;
use gradus_tensor::{Float, Pool2dOptions};

use crate::module::{Layer, Members, Module};

/// The largest element of every window: `[.., H, W] -> [.., H', W']` ([torch.nn.MaxPool2d]).
///
/// [torch.nn.MaxPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
#[derive(Clone, Copy, Debug)]
pub struct MaxPool2d {
    options: Pool2dOptions,
}

impl MaxPool2d {
    /// Square windows of `kernel_size`, side by side, without padding.
    pub fn new(kernel_size: usize) -> Self {
        Self::with_options(Pool2dOptions::new([kernel_size; 2]))
    }

    /// Any window, stride and padding.
    pub fn with_options(options: Pool2dOptions) -> Self {
        Self { options }
    }
}

impl<T: Float> Module<T> for MaxPool2d {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for MaxPool2d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.max_pool2d(self.options)
    }
}
