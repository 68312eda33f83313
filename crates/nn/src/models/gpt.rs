//! The decoder-only transformer.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Float, GeluApproximation, IndexError, Tensor};

use crate::init;
use crate::layers::{embedding::Embedding, layer_norm::LayerNorm, linear::Linear};
use crate::module::Layer;

/// The sizes of a [`Gpt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GptConfig {
    /// Symbols, V.
    pub vocab_size: usize,
    /// The longest sequence.
    pub block_size: usize,
    /// Transformer blocks.
    pub n_layer: usize,
    /// Attention heads of each block.
    pub n_head: usize,
    /// The width, C; a multiple of the heads.
    pub n_embd: usize,
}

/// A GPT-2-like language model: token and position embeddings, blocks of causal attention and a GELU network with
/// pre-normalisation (Radford et al., 2019), no dropout, no biases in its linear layers, and an output layer that
/// shares the token embedding's weight. Tokens `[B, T]` give logits `[B, T, V]`.
///
/// ```
/// use gradus_nn::models::{Gpt, GptConfig};
/// use gradus_tensor::Tensor;
///
/// let config = GptConfig { vocab_size: 65, block_size: 16, n_layer: 2, n_head: 2, n_embd: 32 };
/// let model: Gpt = Gpt::new(config);
/// let logits = model.forward(&Tensor::from_vec(vec![1, 2, 3, 64], [2, 2]))?;
/// assert_eq!(logits.shape(), [2, 2, 65]);
/// # Ok::<(), gradus_tensor::IndexError>(())
/// ```
#[derive(crate::Module)]
pub struct Gpt<T: Float = f32> {
    wte: Embedding<T>,
    wpe: Embedding<T>,
    blocks: Vec<Block<T>>,
    ln: LayerNorm<T>,
    head: Linear<T>,
}

impl<T: Float> Gpt<T> {
    /// PyTorch's initial distributions for every layer.
    ///
    /// # Panics
    /// If the heads do not divide the width.
    #[track_caller]
    pub fn new(config: GptConfig) -> Self {
        let GptConfig { vocab_size, block_size, n_layer, n_head, n_embd } = config;
        assert!(n_head > 0 && n_embd.is_multiple_of(n_head), "Gpt: {n_head} heads do not divide a width of {n_embd}");
        let wte = Embedding::new(vocab_size, n_embd);
        let head = Linear { weight: wte.weight.clone(), bias: None };
        Self {
            wpe: Embedding::new(block_size, n_embd),
            blocks: (0..n_layer).map(|_| Block::new(n_embd, n_head)).collect(),
            ln: LayerNorm::new([n_embd]),
            head,
            wte,
        }
    }

    /// As nanoGPT trains it with `bias=False`: no biases in the norms either, weights normal with standard deviation
    /// 0.02, and `0.02 / sqrt(2 n_layer)` for the projections that add to the residual stream (Radford et al., 2019).
    ///
    /// # Panics
    /// If the heads do not divide the width.
    #[track_caller]
    pub fn nanogpt(config: GptConfig) -> Self {
        let mut model = Self::new(config);
        let residual = 0.02 / (2.0 * config.n_layer as f64).sqrt();
        let draw = |parameter: &Param<T>, std: f64| parameter.set_value(init::normal(parameter.shape(), 0.0, std));
        draw(&model.wte.weight, 0.02);
        draw(&model.wpe.weight, 0.02);
        for block in &mut model.blocks {
            draw(&block.attn.qkv.weight, 0.02);
            draw(&block.attn.proj.weight, residual);
            draw(&block.up.weight, 0.02);
            draw(&block.down.weight, residual);
            (block.ln1.bias, block.ln2.bias) = (None, None);
        }
        model.ln.bias = None;
        model
    }

    /// The longest sequence.
    pub fn block_size(&self) -> usize {
        self.wpe.weight.shape()[0]
    }

    /// The logits of the token after each of `tokens`: `[B, T] -> [B, T, V]`.
    ///
    /// # Errors
    /// If a token is none of the vocabulary.
    ///
    /// # Panics
    /// If `tokens` is not `[B, T]` with T at most the block size.
    #[track_caller]
    pub fn forward(&self, tokens: &Tensor<i64>) -> Result<Var<T>, IndexError> {
        let (&[_, time], &[block_size, _]) = (tokens.shape(), self.wpe.weight.shape()) else {
            panic!("Gpt: tokens of shape {:?} must be [B, T]", tokens.shape());
        };
        assert!(time <= block_size, "Gpt: {time} tokens are more than the block size of {block_size}");
        let positions = self.wpe.forward(&Tensor::arange(time))?;
        let mut h = self.wte.forward(tokens)? + positions;
        for block in &self.blocks {
            h = block.forward(&h);
        }
        Ok(self.head.forward(&self.ln.forward(&h)))
    }
}

/// `x + attention(norm(x))`, then `x + network(norm(x))`.
#[derive(crate::Module)]
struct Block<T: Float = f32> {
    ln1: LayerNorm<T>,
    attn: Attention<T>,
    ln2: LayerNorm<T>,
    up: Linear<T>,
    down: Linear<T>,
}

impl<T: Float> Block<T> {
    fn new(width: usize, heads: usize) -> Self {
        Self {
            ln1: LayerNorm::new([width]),
            attn: Attention {
                qkv: Linear::new(width, 3 * width).without_bias(),
                proj: Linear::new(width, width).without_bias(),
                heads,
            },
            ln2: LayerNorm::new([width]),
            up: Linear::new(width, 4 * width).without_bias(),
            down: Linear::new(4 * width, width).without_bias(),
        }
    }
}

impl<T: Float> Layer<T> for Block<T> {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        let x = self.attn.forward_residual(&self.ln1.forward(x), x);
        let hidden = self.up.forward(&self.ln2.forward(&x)).gelu(GeluApproximation::None);
        self.down.forward_fused(&hidden, Some(&x), Activation::Identity)
    }
}

/// Causal self-attention.
#[derive(crate::Module)]
struct Attention<T: Float = f32> {
    qkv: Linear<T>,
    proj: Linear<T>,
    heads: usize,
}

impl<T: Float> Attention<T> {
    /// The attention of `x` plus `residual`.
    fn forward_residual(&self, x: &Var<T>, residual: &Var<T>) -> Var<T> {
        let heads = self.qkv.forward(x).attention_packed(self.heads, true);
        self.proj.forward_fused(&heads, Some(residual), Activation::Identity)
    }
}
