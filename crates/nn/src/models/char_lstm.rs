//! The recurrent language model.

use gradus_autograd::Var;
use gradus_tensor::{Float, IndexError, Tensor};

use crate::layers::{embedding::Embedding, linear::Linear, lstm::LSTM};
use crate::module::Layer;

/// An embedding, one layer of LSTM and a linear layer: tokens `[B, T]` give the logits of each next token, `[B, T, V]`.
#[derive(crate::Module)]
pub struct CharLstm<T: Float = f32> {
    emb: Embedding<T>,
    rnn: LSTM<T>,
    head: Linear<T>,
}

impl<T: Float> CharLstm<T> {
    /// A vocabulary of `vocab_size` symbols, embedded in `embedding_dim` numbers, and `hidden_size` memory cells.
    pub fn new(vocab_size: usize, embedding_dim: usize, hidden_size: usize) -> Self {
        Self {
            emb: Embedding::new(vocab_size, embedding_dim),
            rnn: LSTM::new(embedding_dim, hidden_size).with_batch_first(),
            head: Linear::new(hidden_size, vocab_size),
        }
    }

    /// The logits of the token after each of `tokens`, `[B, T] -> [B, T, V]`, from a memory of zeros.
    ///
    /// # Errors
    /// If a token is none of the vocabulary.
    ///
    /// # Panics
    /// If `tokens` is not `[B, T]`.
    #[track_caller]
    pub fn forward(&self, tokens: &Tensor<i64>) -> Result<Var<T>, IndexError> {
        assert!(tokens.rank() == 2, "CharLstm: tokens of shape {:?} must be [B, T]", tokens.shape());
        Ok(self.head.forward(&self.rnn.forward(&self.emb.forward(tokens)?)))
    }
}
