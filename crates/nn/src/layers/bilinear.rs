//! The layer of two inputs.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use crate::init;

/// `y_o = x^T W_o z + b_o`: `[.., in1_features]` and `[.., in2_features]` give `[.., out_features]`
/// ([torch.nn.Bilinear]).
///
/// Weight `[out_features, in1_features, in2_features]` and bias `[out_features]` start uniform in
/// `+-1 / sqrt(in1_features)`.
///
/// [torch.nn.Bilinear]: https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
#[derive(Debug, crate::Module)]
pub struct Bilinear<T: Float = f32> {
    /// `[out_features, in1_features, in2_features]`.
    pub weight: Param<T>,
    /// `[out_features]`.
    pub bias: Option<Param<T>>,
}

impl<T: Float> Bilinear<T> {
    /// A layer with bias.
    pub fn new(in1_features: usize, in2_features: usize, out_features: usize) -> Self {
        let bound = if in1_features > 0 { 1.0 / (in1_features as f64).sqrt() } else { 0.0 };
        Self {
            weight: Param::new(init::uniform([out_features, in1_features, in2_features], -bound, bound)),
            bias: Some(Param::new(init::uniform([out_features], -bound, bound))),
        }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// The output for `x` `[.., in1_features]` and `z` `[.., in2_features]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Var<T>, z: &Var<T>) -> Var<T> {
        x.bilinear(z, &self.weight.var(), self.bias.as_ref().map(Param::var).as_ref())
    }
}
