//! A layer of a transformer's encoder.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::super::dropout::Dropout;
use super::super::layer_norm::LayerNorm;
use super::super::linear::Linear;
use super::super::multihead_attention::MultiheadAttention;
use super::{AttentionMasks, TransformerOptions, added, network, with_values_of};
use crate::module::Layer;

/// Self-attention and a network of two linear layers, each added to its input (Vaswani et al., NeurIPS 2017;
/// [torch.nn.TransformerEncoderLayer]): `[T, B, d_model]` gives the same shape. Options have PyTorch's defaults.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{AttentionMasks, TransformerEncoderLayer, TransformerOptions};
/// use gradus_tensor::Tensor;
///
/// let options = TransformerOptions { dim_feedforward: 32, batch_first: true, ..TransformerOptions::default() };
/// let layer: TransformerEncoderLayer = TransformerEncoderLayer::new(8, 2, options);
/// let x = Var::new(Tensor::zeros([3, 5, 8]));
/// assert_eq!(layer.forward_masked(&x, &AttentionMasks::causal()).shape(), [3, 5, 8]);
/// ```
///
/// [torch.nn.TransformerEncoderLayer]: https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
#[derive(Debug, crate::Module)]
pub struct TransformerEncoderLayer<T: Float = f32> {
    self_attn: MultiheadAttention<T>,
    linear1: Linear<T>,
    dropout: Dropout,
    linear2: Linear<T>,
    norm1: LayerNorm<T>,
    norm2: LayerNorm<T>,
    dropout1: Dropout,
    dropout2: Dropout,
    #[module(skip)]
    options: TransformerOptions,
    sizes: [usize; 2],
}

impl<T: Float> TransformerEncoderLayer<T> {
    /// A layer of width `d_model` with `nhead` heads.
    ///
    /// # Panics
    /// If the heads do not divide the width, or the probability of dropout is outside `[0, 1]`.
    #[track_caller]
    pub fn new(d_model: usize, nhead: usize, options: TransformerOptions) -> Self {
        let dropout = || Dropout::new(options.dropout);
        Self {
            self_attn: options.attention(d_model, nhead),
            linear1: options.linear(d_model, options.dim_feedforward),
            dropout: dropout(),
            linear2: options.linear(options.dim_feedforward, d_model),
            norm1: options.norm(d_model),
            norm2: options.norm(d_model),
            dropout1: dropout(),
            dropout2: dropout(),
            options,
            sizes: [d_model, nhead],
        }
    }

    /// Another layer with the same options and values.
    pub(super) fn twin(&self) -> Self {
        with_values_of(Self::new(self.sizes[0], self.sizes[1], self.options), self)
    }

    /// The output where `masks` hide keys.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_masked(&self, x: &Var<T>, masks: &AttentionMasks<T>) -> Var<T> {
        let options = masks.options();
        let attend =
            |x: &Var<T>, residual: Option<&Var<T>>| self.self_attn.forward_residual([x, x, x], &options, residual).0;
        let network = |x: &Var<T>, residual: Option<&Var<T>>| {
            network(x, (&self.linear1, &self.dropout, &self.linear2), self.options.activation, residual)
        };
        if self.options.norm_first {
            let normed = self.norm1.forward(x);
            let x = added(x, &self.dropout1, |residual| attend(&normed, residual));
            let normed = self.norm2.forward(&x);
            return added(&x, &self.dropout2, |residual| network(&normed, residual));
        }
        let x = self.norm1.forward(&added(x, &self.dropout1, |residual| attend(x, residual)));
        self.norm2.forward(&added(&x, &self.dropout2, |residual| network(&x, residual)))
    }
}

impl<T: Float> Layer<T> for TransformerEncoderLayer<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_masked(x, &AttentionMasks::default())
    }
}
