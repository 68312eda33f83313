//! The lookup table of vectors, summed over bags.

use gradus_autograd::{EmbeddingBagMode, EmbeddingBagOptions, Param, Var};
use gradus_tensor::{Float, IndexError, Tensor};

use super::embedding::{Limit, padding_row, pretrained, zero_row};
use crate::init;

/// The mean, sum or maximum of the vectors of bags of symbols: indices `[B, N]`, or `[n]` with offsets, give `[B, D]`
/// ([torch.nn.EmbeddingBag]).
///
/// Weight `[V, D]` starts standard normal; the mode is the mean.
///
/// [torch.nn.EmbeddingBag]: https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
#[derive(Debug, crate::Module)]
pub struct EmbeddingBag<T: Float = f32> {
    /// `[V, D]`.
    pub weight: Param<T>,
    #[module(skip)]
    options: EmbeddingBagOptions<T>,
    #[module(skip)]
    limit: Option<Limit>,
}

impl<T: Float> EmbeddingBag<T> {
    /// `num_embeddings` vectors of `embedding_dim` numbers.
    pub fn new(num_embeddings: usize, embedding_dim: usize) -> Self {
        Self::of(Param::new(init::normal([num_embeddings, embedding_dim], 0.0, 1.0)))
    }

    /// These vectors `[V, D]`, frozen where `freeze` (PyTorch's default).
    ///
    /// # Panics
    /// If the vectors have not two dimensions.
    #[track_caller]
    pub fn from_pretrained(vectors: Tensor<T>, freeze: bool) -> Self {
        Self::of(pretrained("EmbeddingBag", vectors, freeze))
    }

    fn of(weight: Param<T>) -> Self {
        Self { weight, options: EmbeddingBagOptions::default(), limit: None }
    }

    /// The layer with another mode than the mean.
    #[must_use]
    pub fn with_mode(self, mode: EmbeddingBagMode) -> Self {
        Self { options: EmbeddingBagOptions { mode, ..self.options }, ..self }
    }

    /// The layer with the last offset as the end of the last bag.
    #[must_use]
    pub fn with_include_last_offset(self) -> Self {
        Self { options: EmbeddingBagOptions { include_last_offset: true, ..self.options }, ..self }
    }

    /// The layer with a vector that counts for nothing in a bag; from the end where negative. It becomes zeros here, as
    /// in PyTorch's constructor.
    ///
    /// # Panics
    /// If there is no such vector.
    #[must_use]
    #[track_caller]
    pub fn with_padding_idx(self, padding_idx: isize) -> Self {
        zero_row("EmbeddingBag", &self.weight, padding_idx);
        self.with_frozen_padding_idx(padding_idx)
    }

    /// The layer with a vector that counts for nothing in a bag and stays as it is, as in PyTorch's `from_pretrained`.
    ///
    /// # Panics
    /// If there is no such vector.
    #[must_use]
    #[track_caller]
    pub fn with_frozen_padding_idx(self, padding_idx: isize) -> Self {
        padding_row("EmbeddingBag", &self.weight, padding_idx);
        Self { options: EmbeddingBagOptions { padding_idx: Some(padding_idx), ..self.options }, ..self }
    }

    /// The layer with vectors scaled down to a norm of `max_norm` when they are looked up, as
    /// [`Embedding::with_max_norm`](crate::Embedding::with_max_norm).
    #[must_use]
    pub fn with_max_norm(self, max_norm: f64, norm_type: f64) -> Self {
        Self { limit: Some(Limit { max_norm, norm_type }), ..self }
    }

    /// The bags of `indices`, which start at `offsets`; each vector times its weight where there are weights.
    ///
    /// # Errors
    /// If an index names no vector.
    ///
    /// # Panics
    /// If the shapes do not fit, or there are weights and the mode is not the sum.
    #[track_caller]
    pub fn forward(
        &self,
        indices: &Tensor<i64>,
        offsets: Option<&Tensor<i64>>,
        per_sample_weights: Option<&Var<T>>,
    ) -> Result<Var<T>, IndexError> {
        if let Some(limit) = &self.limit {
            limit.apply(&self.weight, indices);
        }
        let options = EmbeddingBagOptions { per_sample_weights: per_sample_weights.cloned(), ..self.options.clone() };
        self.weight.var().embedding_bag(indices, offsets, &options)
    }
}
