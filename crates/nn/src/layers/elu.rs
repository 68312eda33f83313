//! The exponential linear unit as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x` above 0, else `alpha (e^x - 1)` ([torch.nn.ELU]).
///
/// [torch.nn.ELU]: https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
#[derive(Clone, Copy, Debug)]
pub struct ELU {
    alpha: f64,
}

impl ELU {
    /// With this `alpha`.
    pub fn new(alpha: f64) -> Self {
        Self { alpha }
    }
}

/// PyTorch's default of 1.
impl Default for ELU {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl<T: Float> Module<T> for ELU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for ELU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.elu(self.alpha)
    }
}
