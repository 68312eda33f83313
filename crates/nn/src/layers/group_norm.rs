//! The group normalisation layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, Tensor};

use crate::module::Layer;

/// Groups of neighbouring channels of each sample normalised to mean 0 and variance 1, then each channel scaled and
/// shifted: `[N, C, ..]` ([torch.nn.GroupNorm]).
///
/// Weight and bias, `[C]`, start as 1 and 0; eps is 1e-5.
///
/// [torch.nn.GroupNorm]: https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
#[derive(Debug, crate::Module)]
pub struct GroupNorm<T: Float = f32> {
    /// `[C]`.
    pub weight: Option<Param<T>>,
    /// `[C]`.
    pub bias: Option<Param<T>>,
    num_groups: usize,
    num_channels: usize,
    eps: f64,
}

impl<T: Float> GroupNorm<T> {
    /// `num_groups` groups of `num_channels` channels, with weight and bias.
    ///
    /// # Panics
    /// If the groups do not divide the channels.
    #[track_caller]
    pub fn new(num_groups: usize, num_channels: usize) -> Self {
        assert!(
            num_groups > 0 && num_channels.is_multiple_of(num_groups),
            "GroupNorm: {num_channels} channels cannot be cut into {num_groups} groups"
        );
        Self {
            weight: Some(Param::new(Tensor::ones([num_channels]))),
            bias: Some(Param::new(Tensor::zeros([num_channels]))),
            num_groups,
            num_channels,
            eps: 1e-5,
        }
    }

    /// The layer with another number added to the variance, which keeps the divisor from 0.
    #[must_use]
    pub fn with_eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// The layer without weight and bias (PyTorch's `affine=False`).
    #[must_use]
    pub fn without_affine(self) -> Self {
        Self { weight: None, bias: None, ..self }
    }
}

impl<T: Float> Layer<T> for GroupNorm<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let channels = self.num_channels;
        assert!(x.shape().get(1) == Some(&channels), "GroupNorm: input {:?} for {channels} channels", x.shape());
        let (weight, bias) = (self.weight.as_ref().map(Param::var), self.bias.as_ref().map(Param::var));
        x.group_norm(self.num_groups, weight.as_ref(), bias.as_ref(), self.eps)
    }
}
