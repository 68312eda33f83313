//! Softmax of the negated input as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `exp(-x_i) / sum_j exp(-x_j)` along `dim` ([torch.nn.Softmin]).
///
/// [torch.nn.Softmin]: https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html
#[derive(Clone, Copy, Debug)]
pub struct Softmin {
    dim: isize,
}

impl Softmin {
    /// Along `dim`.
    pub fn new(dim: isize) -> Self {
        Self { dim }
    }
}

impl<T: Float> Module<T> for Softmin {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Softmin {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.softmin(self.dim)
    }
}
