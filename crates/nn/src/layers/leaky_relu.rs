//! The rectifier with a slope below 0, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x` above 0, else `slope x` ([torch.nn.LeakyReLU]).
///
/// [torch.nn.LeakyReLU]: https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
#[derive(Clone, Copy, Debug)]
pub struct LeakyReLU {
    slope: f64,
}

impl LeakyReLU {
    /// With this slope below 0 (PyTorch's `negative_slope`).
    pub fn new(slope: f64) -> Self {
        Self { slope }
    }
}

/// PyTorch's default of 0.01.
impl Default for LeakyReLU {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl<T: Float> Module<T> for LeakyReLU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for LeakyReLU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.leaky_relu(self.slope)
    }
}
