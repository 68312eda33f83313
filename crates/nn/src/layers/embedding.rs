//! The lookup table of vectors.

use gradus_autograd::{EmbeddingOptions, Param, Var};
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
    #[module(skip)]
    options: EmbeddingOptions,
    #[module(skip)]
    limit: Option<Limit>,
}

impl<T: Float> Embedding<T> {
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
        Self::of(pretrained("Embedding", vectors, freeze))
    }

    fn of(weight: Param<T>) -> Self {
        Self { weight, options: EmbeddingOptions::default(), limit: None }
    }

    /// The layer with a vector that is not trained; counted from the end where negative. It becomes zeros here, as in
    /// PyTorch's constructor.
    ///
    /// # Panics
    /// If there is no such vector.
    #[must_use]
    #[track_caller]
    pub fn with_padding_idx(self, padding_idx: isize) -> Self {
        zero_row("Embedding", &self.weight, padding_idx);
        self.with_frozen_padding_idx(padding_idx)
    }

    /// The layer with a vector that is not trained and stays as it is, as in PyTorch's `from_pretrained`.
    ///
    /// # Panics
    /// If there is no such vector.
    #[must_use]
    #[track_caller]
    pub fn with_frozen_padding_idx(self, padding_idx: isize) -> Self {
        padding_row("Embedding", &self.weight, padding_idx);
        let options = EmbeddingOptions { padding_idx: Some(padding_idx), ..self.options };
        Self { options, ..self }
    }

    /// The layer with vectors scaled down to a norm of `max_norm` when they are looked up, for good: the sum of the
    /// absolute numbers to the power of `norm_type` (PyTorch's default: 2), to the power of one over that. No gradient
    /// flows through the scaling.
    #[must_use]
    pub fn with_max_norm(self, max_norm: f64, norm_type: f64) -> Self {
        Self { limit: Some(Limit { max_norm, norm_type }), ..self }
    }

    /// The layer with the gradient of each vector divided by how often it was looked up.
    #[must_use]
    pub fn with_scale_grad_by_freq(self) -> Self {
        Self { options: EmbeddingOptions { scale_grad_by_freq: true, ..self.options }, ..self }
    }

    /// The vectors of `indices`.
    ///
    /// # Errors
    /// If an index names no vector.
    pub fn forward(&self, indices: &Tensor<i64>) -> Result<Var<T>, IndexError> {
        if let Some(limit) = &self.limit {
            limit.apply(&self.weight, indices);
        }
        self.weight.var().embedding_with(indices, self.options)
    }
}

/// A parameter of these vectors.
#[track_caller]
pub(super) fn pretrained<T: Float>(layer: &str, vectors: Tensor<T>, freeze: bool) -> Param<T> {
    assert!(vectors.rank() == 2, "{layer}: vectors of shape {:?} must be [V, D]", vectors.shape());
    let weight = Param::new(vectors);
    weight.set_requires_grad(!freeze);
    weight
}

/// The place of the row `padding_idx` of `weight`.
#[track_caller]
pub(super) fn padding_row<T: Float>(layer: &str, weight: &Param<T>, padding_idx: isize) -> usize {
    let rows = weight.shape()[0] as isize;
    let row = if padding_idx < 0 { padding_idx + rows } else { padding_idx };
    assert!((0..rows).contains(&row), "{layer}: padding_idx {padding_idx} names none of {rows} vectors");
    row as usize
}

/// Sets the row `padding_idx` of `weight` to zeros.
#[track_caller]
pub(super) fn zero_row<T: Float>(layer: &str, weight: &Param<T>, padding_idx: isize) {
    let (row, width) = (padding_row(layer, weight, padding_idx), weight.shape()[1]);
    weight.value_mut().as_mut_slice()[row * width..][..width].fill(T::zero());
}

/// The largest norm of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limit {
    pub(super) max_norm: f64,
    pub(super) norm_type: f64,
}

impl Limit {
    /// Scales down the rows of `weight` that `indices` name; those out of range name none.
    pub(super) fn apply<T: Float>(&self, weight: &Param<T>, indices: &Tensor<i64>) {
        let &[rows, width] = weight.shape() else { return };
        let mut named: Vec<usize> =
            indices.to_vec().into_iter().filter_map(|i| usize::try_from(i).ok().filter(|&i| i < rows)).collect();
        named.sort_unstable();
        named.dedup();
        let present = weight.value();
        let norm = |row: usize| {
            let sizes = present.select(0, row).to_vec().into_iter().map(|x| x.as_().abs());
            if self.norm_type == 0.0 {
                return sizes.filter(|&size| size != 0.0).count() as f64;
            }
            if self.norm_type.is_infinite() {
                return sizes.fold(0.0, f64::max);
            }
            sizes.map(|size| size.powf(self.norm_type)).sum::<f64>().powf(1.0 / self.norm_type)
        };
        let long: Vec<(usize, f64)> = named.into_iter().map(|row| (row, norm(row))).collect();
        let long: Vec<(usize, f64)> = long.into_iter().filter(|&(_, norm)| norm > self.max_norm).collect();
        drop(present);
        if long.is_empty() {
            return;
        }
        let mut value = weight.value_mut();
        let value = value.as_mut_slice();
        for (row, norm) in long {
            let factor = T::from_f64(self.max_norm / (norm + 1e-7));
            value[row * width..][..width].iter_mut().for_each(|x| *x *= factor);
        }
    }
}
