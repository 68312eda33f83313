//! The layer normalisation layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Tensor};

use crate::module::Layer;

/// Each sample's last dimensions normalised to mean 0 and variance 1, then scaled and shifted ([torch.nn.LayerNorm]).
///
/// Weight and bias, of the normalized shape, start as 1 and 0; eps is 1e-5.
///
/// [torch.nn.LayerNorm]: https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
#[derive(Debug, crate::Module)]
pub struct LayerNorm<T: Float = f32> {
    /// The scale, of the normalized shape.
    pub weight: Option<Param<T>>,
    /// The shift, of the normalized shape.
    pub bias: Option<Param<T>>,
    #[module(skip)]
    normalized_shape: Vec<usize>,
    eps: f64,
}

impl<T: Float> LayerNorm<T> {
    /// Normalises over the last dimensions, which must be `normalized_shape`: often one, the width.
    pub fn new(normalized_shape: impl AsRef<[usize]>) -> Self {
        let normalized_shape = normalized_shape.as_ref().to_vec();
        Self {
            weight: Some(Param::new(Tensor::ones(&normalized_shape))),
            bias: Some(Param::new(Tensor::zeros(&normalized_shape))),
            normalized_shape,
            eps: 1e-5,
        }
    }

    /// The layer with another number added to the variance, which keeps the divisor from 0.
    #[must_use]
    pub fn with_eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// The layer without weight and bias (PyTorch's `elementwise_affine=False`).
    #[must_use]
    pub fn without_affine(self) -> Self {
        Self { weight: None, bias: None, ..self }
    }
}

impl<T: Float> Layer<T> for LayerNorm<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let (weight, bias) = (self.weight.as_ref().map(Param::var), self.bias.as_ref().map(Param::var));
        x.layer_norm(&self.normalized_shape, weight.as_ref(), bias.as_ref(), self.eps)
    }
}
