//! The logarithm of softmax as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x_i - log(sum_j exp(x_j))` along `dim` ([torch.nn.LogSoftmax]).
///
/// [torch.nn.LogSoftmax]: https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
#[derive(Clone, Copy, Debug)]
pub struct LogSoftmax {
    dim: isize,
}

impl LogSoftmax {
    /// Along `dim`.
    pub fn new(dim: isize) -> Self {
        Self { dim }
    }
}

impl<T: Float> Module<T> for LogSoftmax {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for LogSoftmax {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.log_softmax(self.dim)
    }
}
