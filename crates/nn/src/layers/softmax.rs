//! Softmax as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `exp(x_i) / sum_j exp(x_j)` along `dim` ([torch.nn.Softmax]).
///
/// [torch.nn.Softmax]: https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
#[derive(Clone, Copy, Debug)]
pub struct Softmax {
    dim: isize,
}

impl Softmax {
    /// Along `dim`.
    pub fn new(dim: isize) -> Self {
        Self { dim }
    }
}

impl<T: Float> Module<T> for Softmax {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Softmax {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.softmax(self.dim)
    }
}
