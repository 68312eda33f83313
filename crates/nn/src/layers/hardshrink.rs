//! The hard shrinkage as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// 0 where `-lambda <= x <= lambda`, else `x` ([torch.nn.Hardshrink]).
///
/// [torch.nn.Hardshrink]: https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
#[derive(Clone, Copy, Debug)]
pub struct Hardshrink {
    lambda: f64,
}

impl Hardshrink {
    /// With this `lambda`.
    pub fn new(lambda: f64) -> Self {
        Self { lambda }
    }
}

/// PyTorch's default of 1/2.
impl Default for Hardshrink {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> Module<T> for Hardshrink {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Hardshrink {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.hardshrink(self.lambda)
    }
}
