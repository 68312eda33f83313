//! Transformers: layers of attention and of networks, for encoders and decoders.

pub(crate) mod decoder;
pub(crate) mod decoder_layer;
pub(crate) mod encoder;
pub(crate) mod encoder_layer;
pub(crate) mod model;

use gradus_autograd::{AttnMask, Var};
use gradus_tensor::{Activation, Float, GeluApproximation};

use super::dropout::Dropout;
use super::layer_norm::LayerNorm;
use super::linear::Linear;
use super::multihead_attention::{MultiheadAttention, MultiheadAttentionOptions};
use crate::module::{Layer, Module};
use crate::state::StateDict;

/// PyTorch's options of the layers of a transformer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransformerOptions {
    /// The width of the network's hidden layer. Default: 2048.
    pub dim_feedforward: usize,
    /// The probability of dropout, of weights of attention, in the network, and before each sum. Default: 0.1.
    pub dropout: f64,
    /// The network's activation. Default: ReLU.
    pub activation: TransformerActivation,
    /// What is added to variances. Default: 1e-5.
    pub layer_norm_eps: f64,
    /// Sequences are `[B, T, d_model]` instead of `[T, B, d_model]`. Default: off.
    pub batch_first: bool,
    /// Inputs of blocks are normalised instead of sums behind them (Xiong et al., ICML 2020). Default: off.
    pub norm_first: bool,
    /// Whether linear and normalisation layers have biases. Default: on.
    pub bias: bool,
}

/// What is between the two linear layers of a transformer's network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransformerActivation {
    /// `max(x, 0)`.
    #[default]
    Relu,
    /// The Gaussian error linear unit.
    Gelu,
}

impl Default for TransformerOptions {
    fn default() -> Self {
        Self {
            dim_feedforward: 2048,
            dropout: 0.1,
            activation: TransformerActivation::Relu,
            layer_norm_eps: 1e-5,
            batch_first: false,
            norm_first: false,
            bias: true,
        }
    }
}

/// What queries do not see, as in [`MultiheadAttentionOptions`]: a boolean mask is **true** where a key is hidden.
#[derive(Clone, Debug)]
pub struct AttentionMasks<T: Float = f32> {
    /// `[Tq, Tk]` or `[B nhead, Tq, Tk]`. Default: none.
    pub attn_mask: Option<AttnMask<T>>,
    /// `[B, Tk]`. Default: none.
    pub key_padding_mask: Option<AttnMask<T>>,
    /// Query `i` attends to the keys 0 to `i` alone. Default: off.
    pub is_causal: bool,
}

impl<T: Float> AttentionMasks<T> {
    /// Query `i` attends to the keys 0 to `i`.
    pub fn causal() -> Self {
        Self { is_causal: true, ..Self::default() }
    }

    fn options(&self) -> MultiheadAttentionOptions<T> {
        MultiheadAttentionOptions {
            key_padding_mask: self.key_padding_mask.clone(),
            attn_mask: self.attn_mask.clone(),
            need_weights: false,
            average_attn_weights: true,
            is_causal: self.is_causal,
        }
    }
}

impl<T: Float> Default for AttentionMasks<T> {
    fn default() -> Self {
        Self { attn_mask: None, key_padding_mask: None, is_causal: false }
    }
}

impl TransformerOptions {
    #[track_caller]
    fn attention<T: Float>(&self, d_model: usize, nhead: usize) -> MultiheadAttention<T> {
        let attention = MultiheadAttention::new(d_model, nhead).with_dropout(self.dropout);
        let attention = if self.batch_first { attention.with_batch_first() } else { attention };
        if self.bias { attention } else { attention.without_bias() }
    }

    fn linear<T: Float>(&self, inputs: usize, outputs: usize) -> Linear<T> {
        let linear = Linear::new(inputs, outputs);
        if self.bias { linear } else { linear.without_bias() }
    }

    fn norm<T: Float>(&self, d_model: usize) -> LayerNorm<T> {
        let norm = LayerNorm::new([d_model]).with_eps(self.layer_norm_eps);
        if self.bias { norm } else { norm.without_bias() }
    }
}

/// `x + dropout(block)`. The block is given `x` to add where nothing is dropped, so that the sum costs no pass of its
/// own.
fn added<T: Float>(x: &Var<T>, dropout: &Dropout, block: impl FnOnce(Option<&Var<T>>) -> Var<T>) -> Var<T> {
    match dropout.active() {
        None => block(Some(x)),
        Some(p) => x + &block(None).dropout(p),
    }
}

/// The two linear layers of a transformer's network, plus `residual`.
fn network<T: Float>(
    x: &Var<T>,
    (first, dropout, second): (&Linear<T>, &Dropout, &Linear<T>),
    activation: TransformerActivation,
    residual: Option<&Var<T>>,
) -> Var<T> {
    let hidden = match activation {
        TransformerActivation::Relu => first.forward_fused(x, None, Activation::Relu),
        TransformerActivation::Gelu => first.forward(x).gelu(GeluApproximation::None),
    };
    second.forward_fused(&dropout.forward(&hidden), residual, Activation::Identity)
}

/// `copy` with the parameters of `module`, of which it is a copy otherwise.
fn with_values_of<T: Float, M: Module<T>>(copy: M, module: &M) -> M {
    StateDict::of(module).load_into(&copy).expect("both have the same parameters");
    copy
}
