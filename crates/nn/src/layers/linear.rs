//! The fully connected layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Float};

use crate::init;
use crate::module::Layer;

/// `y = x W^T + b`: `[.., in_features] -> [.., out_features]` ([torch.nn.Linear]).
///
/// Weight `[out_features, in_features]` and bias `[out_features]` start uniform in `+-1 / sqrt(in_features)`.
///
/// [torch.nn.Linear]: https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
#[derive(Debug, crate::Module)]
pub struct Linear<T: Float = f32> {
    /// `[out_features, in_features]`.
    pub weight: Param<T>,
    /// `[out_features]`.
    pub bias: Option<Param<T>>,
}

impl<T: Float> Linear<T> {
    /// A layer with bias.
    pub fn new(in_features: usize, out_features: usize) -> Self {
        Self {
            weight: Param::new(init::default_weight([out_features, in_features])),
            bias: Some(Param::new(init::default_bias(out_features, in_features))),
        }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// `activation(layer(x) + residual)` in one pass; the residual has the output's shape.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_fused(&self, x: &Var<T>, residual: Option<&Var<T>>, activation: Activation) -> Var<T> {
        x.linear_with(&self.weight.var(), self.bias.as_ref().map(Param::var).as_ref(), residual, activation)
    }
}

impl<T: Float> Layer<T> for Linear<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_fused(x, None, Activation::Identity)
    }

    #[track_caller]
    fn forward_activated(&self, x: &Var<T>, activation: Activation) -> Option<Var<T>> {
        Some(self.forward_fused(x, None, activation))
    }
}
