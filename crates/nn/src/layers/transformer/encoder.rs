//! A transformer's encoder.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::super::layer_norm::LayerNorm;
use super::AttentionMasks;
use super::encoder_layer::TransformerEncoderLayer;
use crate::module::Layer;

/// Layers of an encoder one after the other ([torch.nn.TransformerEncoder]).
///
/// [torch.nn.TransformerEncoder]: https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
#[derive(Debug, crate::Module)]
pub struct TransformerEncoder<T: Float = f32> {
    layers: Vec<TransformerEncoderLayer<T>>,
    norm: Option<LayerNorm<T>>,
}

impl<T: Float> TransformerEncoder<T> {
    /// `num_layers` layers that start as `layer`, as in PyTorch all with the same values.
    pub fn new(layer: &TransformerEncoderLayer<T>, num_layers: usize) -> Self {
        Self { layers: (0..num_layers).map(|_| layer.twin()).collect(), norm: None }
    }

    /// The encoder with a normalisation of its output.
    #[must_use]
    pub fn with_norm(self, norm: LayerNorm<T>) -> Self {
        Self { norm: Some(norm), ..self }
    }

    /// The output where `masks` hide keys in every layer.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_masked(&self, x: &Var<T>, masks: &AttentionMasks<T>) -> Var<T> {
        let mut x = x.clone();
        for layer in &self.layers {
            x = layer.forward_masked(&x, masks);
        }
        match &self.norm {
            Some(norm) => norm.forward(&x),
            None => x,
        }
    }
}

impl<T: Float> Layer<T> for TransformerEncoder<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_masked(x, &AttentionMasks::default())
    }
}
