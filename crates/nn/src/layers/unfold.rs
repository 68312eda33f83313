//! The elements of windows as columns.

use gradus_autograd::{UnfoldOptions, Var};
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// The elements of every window as a column: `[N, C, H, W] -> [N, C kh kw, L]`, also without N ([torch.nn.Unfold]).
///
/// [torch.nn.Unfold]: https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
#[derive(Clone, Copy, Debug)]
pub struct Unfold {
    options: UnfoldOptions,
}

impl Unfold {
    /// Square windows of `kernel_size` at every place.
    pub fn new(kernel_size: usize) -> Self {
        Self::with_options(UnfoldOptions::new([kernel_size; 2]))
    }

    /// Any window, dilation, padding and stride.
    pub fn with_options(options: UnfoldOptions) -> Self {
        Self { options }
    }
}

impl<T: Float> Module<T> for Unfold {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Unfold {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.unfold(self.options)
    }
}
