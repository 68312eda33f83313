//! Columns added up to images.

use gradus_autograd::{UnfoldOptions, Var};
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Columns added up to the images whose windows they are: `[N, C kh kw, L] -> [N, C, H, W]`, also without N
/// ([torch.nn.Fold]).
///
/// [torch.nn.Fold]: https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    output: [usize; 2],
    options: UnfoldOptions,
}

impl Fold {
    /// Images of `output` `[H, W]` from square windows of `kernel_size` at every place.
    pub fn new(output: [usize; 2], kernel_size: usize) -> Self {
        Self::with_options(output, UnfoldOptions::new([kernel_size; 2]))
    }

    /// Any window, dilation, padding and stride.
    pub fn with_options(output: [usize; 2], options: UnfoldOptions) -> Self {
        Self { output, options }
    }
}

impl<T: Float> Module<T> for Fold {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Fold {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.fold(self.output, self.options)
    }
}
