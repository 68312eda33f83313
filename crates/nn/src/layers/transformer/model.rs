//! A transformer of an encoder and a decoder.

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};

use super::decoder::TransformerDecoder;
use super::decoder_layer::TransformerDecoderLayer;
use super::encoder::TransformerEncoder;
use super::encoder_layer::TransformerEncoderLayer;
use super::{AttentionMasks, TransformerOptions};
use crate::init;
use crate::module::Module;

/// An encoder and a decoder that attends to its output, each with a normalisation behind it (Vaswani et al., NeurIPS
/// 2017; [torch.nn.Transformer]). Matrices start uniform by Glorot.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{Transformer, TransformerMasks, TransformerOptions};
/// use gradus_tensor::Tensor;
///
/// let options = TransformerOptions { dim_feedforward: 32, ..TransformerOptions::default() };
/// let model: Transformer = Transformer::new(8, 2, [1, 2], options);
/// let (src, tgt) = (Var::new(Tensor::zeros([7, 3, 8])), Var::new(Tensor::zeros([5, 3, 8])));
/// let masks = TransformerMasks { tgt: gradus_nn::AttentionMasks::causal(), ..TransformerMasks::default() };
/// assert_eq!(model.forward(&src, &tgt, &masks).shape(), [5, 3, 8]);
/// ```
///
/// [torch.nn.Transformer]: https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html
#[derive(Debug, crate::Module)]
pub struct Transformer<T: Float = f32> {
    /// The encoder.
    pub encoder: TransformerEncoder<T>,
    /// The decoder.
    pub decoder: TransformerDecoder<T>,
}

/// What the attentions of a [`Transformer`] do not see.
#[derive(Clone, Debug)]
pub struct TransformerMasks<T: Float = f32> {
    /// Of the source, in the encoder. Default: none.
    pub src: AttentionMasks<T>,
    /// Of the target, in the decoder. Default: none.
    pub tgt: AttentionMasks<T>,
    /// Of the encoder's output, in the decoder. Default: none.
    pub memory: AttentionMasks<T>,
}

impl<T: Float> Default for TransformerMasks<T> {
    fn default() -> Self {
        Self { src: AttentionMasks::default(), tgt: AttentionMasks::default(), memory: AttentionMasks::default() }
    }
}

impl<T: Float> Transformer<T> {
    /// A transformer of width `d_model` with `nhead` heads and as many layers of encoder and decoder. PyTorch's
    /// defaults are 512, 8 and 6 each.
    ///
    /// # Panics
    /// If the heads do not divide the width, or the probability of dropout is outside `[0, 1]`.
    #[track_caller]
    pub fn new(
        d_model: usize,
        nhead: usize,
        [encoder_layers, decoder_layers]: [usize; 2],
        options: TransformerOptions,
    ) -> Self {
        let encoder_layer = TransformerEncoderLayer::new(d_model, nhead, options);
        let decoder_layer = TransformerDecoderLayer::new(d_model, nhead, options);
        let model = Self {
            encoder: TransformerEncoder::new(&encoder_layer, encoder_layers).with_norm(options.norm(d_model)),
            decoder: TransformerDecoder::new(&decoder_layer, decoder_layers).with_norm(options.norm(d_model)),
        };
        for parameter in model.parameters().iter().filter(|parameter| parameter.shape().len() > 1) {
            parameter.set_value(init::xavier_uniform(parameter.shape(), 1.0));
        }
        model
    }

    /// The decoder's output for the target `tgt` and the encoder's output for the source `src`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, src: &Var<T>, tgt: &Var<T>, masks: &TransformerMasks<T>) -> Var<T> {
        let memory = self.encoder.forward_masked(src, &masks.src);
        self.decoder.forward(tgt, &memory, &masks.tgt, &masks.memory)
    }

    /// A mask `[size, size]` of zeros, and minus infinity where a key comes after the query.
    pub fn generate_square_subsequent_mask(size: usize) -> Tensor<T> {
        Tensor::from_fn([size, size], |i| if i % size > i / size { T::neg_infinity() } else { T::zero() })
    }
}
