//! The gated linear unit as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `a sigmoid(b)` with `a` and `b` the halves of `x` along `dim`: `[.., 2 N, ..] -> [.., N, ..]` ([torch.nn.GLU]).
///
/// [torch.nn.GLU]: https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
#[derive(Clone, Copy, Debug)]
pub struct GLU {
    dim: isize,
}

impl GLU {
    /// With halves along `dim`.
    pub fn new(dim: isize) -> Self {
        Self { dim }
    }
}

/// Along the last dimension, as in PyTorch.
impl Default for GLU {
    fn default() -> Self {
        Self::new(-1)
    }
}

impl<T: Float> Module<T> for GLU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for GLU {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.glu(self.dim)
    }
}
