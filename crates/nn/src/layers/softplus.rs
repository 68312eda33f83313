//! The smooth rectifier as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `log(1 + e^(beta x)) / beta`, and `x` where `beta x` is above `threshold` ([torch.nn.Softplus]).
///
/// [torch.nn.Softplus]: https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
#[derive(Clone, Copy, Debug)]
pub struct Softplus {
    beta: f64,
    threshold: f64,
}

impl Softplus {
    /// With this `beta` and `threshold`.
    pub fn new(beta: f64, threshold: f64) -> Self {
        Self { beta, threshold }
    }
}

/// PyTorch's defaults of 1 and 20.
impl Default for Softplus {
    fn default() -> Self {
        Self::new(1.0, 20.0)
    }
}

impl<T: Float> Module<T> for Softplus {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Softplus {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.softplus(self.beta, self.threshold)
    }
}
