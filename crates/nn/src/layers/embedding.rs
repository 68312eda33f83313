//! The lookup table of vectors.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, IndexError, Tensor};

use crate::init;

/// A vector for each of V symbols: indices `[..]` give `[.., D]` ([torch.nn.Embedding]).
///
/// Weight `[V, D]` starts standard normal. To tie it to the weight of an output layer, clone the [`Param`].
///
/// ```
/// use gradus_nn::Embedding;
/// use gradus_tensor::Tensor;
///
/// let embedding: Embedding = Embedding::new(65, 8);
/// let vectors = embedding.forward(&Tensor::from_vec(vec![3, 64, 3], [1, 3]))?;
/// assert_eq!(vectors.shape(), [1, 3, 8]);
/// # Ok::<(), gradus_tensor::IndexError>(())
/// ```
///
/// [torch.nn.Embedding]: https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html
#[derive(Debug, crate::Module)]
pub struct Embedding<T: Float = f32> {
    /// `[V, D]`.
    pub weight: Param<T>,
}

impl<T: Float> Embedding<T> {
    /// `num_embeddings` vectors of `embedding_dim` numbers.
    pub fn new(num_embeddings: usize, embedding_dim: usize) -> Self {
        Self { weight: Param::new(init::normal([num_embeddings, embedding_dim], 0.0, 1.0)) }
    }

    /// The vectors of `indices`.
    ///
    /// # Errors
    /// If an index names no vector.
    pub fn forward(&self, indices: &Tensor<i64>) -> Result<Var<T>, IndexError> {
        self.weight.var().embedding(indices)
    }
}
