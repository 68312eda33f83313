//! The Gaussian error linear unit as a layer.

use gradus_autograd::Var;
use gradus_tensor::{Float, GeluApproximation};

use crate::module::{Layer, Members, Module};

/// `x (1 + erf(x / sqrt(2))) / 2`, or its approximation by tanh ([torch.nn.GELU]). The default is without
/// approximation.
///
/// [torch.nn.GELU]: https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
#[derive(Clone, Copy, Debug, Default)]
pub struct GELU {
    approximation: GeluApproximation,
}

impl GELU {
    /// As it is defined.
    pub fn new() -> Self {
        Self::default()
    }

    /// By tanh, as in GPT-2 (PyTorch's `approximate="tanh"`).
    pub fn by_tanh() -> Self {
        Self { approximation: GeluApproximation::Tanh }
    }
}

impl<T: Float> Module<T> for GELU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for GELU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.gelu(self.approximation)
    }
}
