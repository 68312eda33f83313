//! One dimension made several.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// A dimension cut into several ([torch.nn.Unflatten]).
///
/// [torch.nn.Unflatten]: https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
#[derive(Clone, Debug)]
pub struct Unflatten {
    dim: isize,
    sizes: Vec<isize>,
}

impl Unflatten {
    /// Dimension `dim` cut into dimensions of `sizes`, of which one may be -1: what is left for it.
    pub fn new(dim: isize, sizes: &[isize]) -> Self {
        Self { dim, sizes: sizes.to_vec() }
    }
}

impl<T: Float> Module<T> for Unflatten {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Unflatten {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.unflatten(self.dim, &self.sizes)
    }
}
