//! A transformer's decoder.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::super::layer_norm::LayerNorm;
use super::AttentionMasks;
use super::decoder_layer::TransformerDecoderLayer;
use crate::module::Layer;

/// Layers of a decoder one after the other ([torch.nn.TransformerDecoder]).
///
/// [torch.nn.TransformerDecoder]: https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
#[derive(Debug, crate::Module)]
pub struct TransformerDecoder<T: Float = f32> {
    layers: Vec<TransformerDecoderLayer<T>>,
    norm: Option<LayerNorm<T>>,
}

impl<T: Float> TransformerDecoder<T> {
    /// `num_layers` layers that start as `layer`, as in PyTorch all with the same values.
    pub fn new(layer: &TransformerDecoderLayer<T>, num_layers: usize) -> Self {
        Self { layers: (0..num_layers).map(|_| layer.twin()).collect(), norm: None }
    }

    /// The decoder with a normalisation of its output.
    #[must_use]
    pub fn with_norm(self, norm: LayerNorm<T>) -> Self {
        Self { norm: Some(norm), ..self }
    }

    /// The output for `tgt` and an encoder's output `memory`, of which masks hide keys in every layer.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(
        &self,
        tgt: &Var<T>,
        memory: &Var<T>,
        tgt_masks: &AttentionMasks<T>,
        memory_masks: &AttentionMasks<T>,
    ) -> Var<T> {
        let mut x = tgt.clone();
        for layer in &self.layers {
            x = layer.forward(&x, memory, tgt_masks, memory_masks);
        }
        match &self.norm {
            Some(norm) => norm.forward(&x),
            None => x,
        }
    }
}
