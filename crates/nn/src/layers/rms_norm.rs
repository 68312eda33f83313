//! The root-mean-square normalisation layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Tensor};

use crate::module::Layer;

/// Each sample's last dimensions divided by the root of the mean of their squares, then scaled ([torch.nn.RMSNorm]).
///
/// The weight, of the normalized shape, starts as 1; eps is the distance from 1 to the next number of the element type.
///
/// [torch.nn.RMSNorm]: https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
#[derive(Debug, crate::Module)]
pub struct RMSNorm<T: Float = f32> {
    /// The scale, of the normalized shape.
    pub weight: Option<Param<T>>,
    #[module(skip)]
    normalized_shape: Vec<usize>,
    #[module(skip)]
    eps: Option<f64>,
}

impl<T: Float> RMSNorm<T> {
    /// Normalises over the last dimensions, which must be `normalized_shape`: often one, the width.
    pub fn new(normalized_shape: impl AsRef<[usize]>) -> Self {
        let normalized_shape = normalized_shape.as_ref().to_vec();
        Self { weight: Some(Param::new(Tensor::ones(&normalized_shape))), normalized_shape, eps: None }
    }

    /// The layer with another number added to the mean of squares, which keeps the divisor from 0.
    #[must_use]
    pub fn with_eps(self, eps: f64) -> Self {
        Self { eps: Some(eps), ..self }
    }

    /// The layer without weight (PyTorch's `elementwise_affine=False`).
    #[must_use]
    pub fn without_affine(self) -> Self {
        Self { weight: None, ..self }
    }
}

impl<T: Float> Layer<T> for RMSNorm<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let weight = self.weight.as_ref().map(Param::var);
        x.rms_norm(&self.normalized_shape, weight.as_ref(), self.eps)
    }
}
