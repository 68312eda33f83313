//! The local response normalisation layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Each element divided by a power of what the squares of neighbouring channels are in the mean: `[N, C, ..]`
/// ([torch.nn.LocalResponseNorm]; see [`Var::local_response_norm`]).
///
/// [torch.nn.LocalResponseNorm]: https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
#[derive(Clone, Copy, Debug)]
pub struct LocalResponseNorm {
    size: usize,
    alpha: f64,
    beta: f64,
    k: f64,
}

impl LocalResponseNorm {
    /// Over `size` channels, with alpha 1e-4, beta 0.75 and k 1.
    pub fn new(size: usize) -> Self {
        Self { size, alpha: 1e-4, beta: 0.75, k: 1.0 }
    }

    /// The layer with another factor of the mean.
    #[must_use]
    pub fn with_alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// The layer with another exponent.
    #[must_use]
    pub fn with_beta(self, beta: f64) -> Self {
        Self { beta, ..self }
    }

    /// The layer with another number added to the mean.
    #[must_use]
    pub fn with_k(self, k: f64) -> Self {
        Self { k, ..self }
    }
}

impl<T: Float> Module<T> for LocalResponseNorm {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for LocalResponseNorm {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.local_response_norm(self.size, self.alpha, self.beta, self.k)
    }
}
