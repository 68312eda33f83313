//! Rows of a table looked up by index. The lookup and its gradient are linear, and each one's gradient is the other.

use gradus_tensor::{Float, IndexError, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Row `indices[i]` of this table `[V, D]` for every `i`: `[..] -> [.., D]` (PyTorch's `functional.embedding`).
    ///
    /// # Errors
    /// If an index is outside `0..V`.
    ///
    /// # Panics
    /// If the table has not two dimensions.
    #[track_caller]
    pub fn embedding(&self, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        self.embedding_with(indices, EmbeddingOptions::default())
    }

    /// [`embedding`](Self::embedding) with options for the gradient.
    ///
    /// # Errors
    /// If an index is outside `0..V`.
    ///
    /// # Panics
    /// If the table has not two dimensions or no row for the padding.
    #[track_caller]
    pub fn embedding_with(&self, indices: &Tensor<i64>, options: EmbeddingOptions) -> Result<Self, IndexError> {
        let value = self.value().embedding(indices)?;
        let rows = self.shape()[0];
        if let Some(padding) = options.padding_idx {
            assert!(padding < rows, "embedding: no row {padding} in a table of shape {:?}", self.shape());
        }
        let rule = || Embedding { indices: indices.clone(), rows, weights: options.weights(rows, indices) };
        Ok(Self::recorded(value, &[self], rule))
    }
}

/// How [`Var::embedding_with`] computes the table's gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmbeddingOptions {
    /// A row that gets no gradient.
    pub padding_idx: Option<usize>,
    /// Whether the gradient of a row is divided by how often it was looked up.
    pub scale_grad_by_freq: bool,
}

impl EmbeddingOptions {
    /// What the gradient of each row that was looked up is multiplied with, `[.., 1]`, where it is not 1.
    fn weights<T: Float>(self, rows: usize, indices: &Tensor<i64>) -> Option<Tensor<T>> {
        if self == Self::default() {
            return None;
        }
        let all = indices.to_vec();
        let mut weights = vec![T::one(); all.len()];
        if self.scale_grad_by_freq {
            let mut counts = vec![0usize; rows];
            all.iter().for_each(|&index| counts[index as usize] += 1);
            weights.iter_mut().zip(&all).for_each(|(w, &i)| *w = T::from_f64(1.0 / counts[i as usize] as f64));
        }
        if let Some(padding) = self.padding_idx {
            let padded = weights.iter_mut().zip(&all).filter(|(_, index)| **index == padding as i64);
            padded.for_each(|(weight, _)| *weight = T::zero());
        }
        let needed = weights.iter().any(|&weight| weight != T::one());
        needed.then(|| Tensor::from_slice(&weights, indices.shape()).unsqueeze(-1))
    }
}

/// `dx[v]` = the sum of the rows of g, times their weights, whose index is v.
struct Embedding<T: Float> {
    indices: Tensor<i64>,
    rows: usize,
    weights: Option<Tensor<T>>,
}

impl<T: Float> Rule<T> for Embedding<T> {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn adds_in_place(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = match &self.weights {
            Some(weights) => context.gradient() * &Var::new(weights.clone()),
            None => context.gradient().clone(),
        };
        if let Some(mut sum) = context.take_sum(0) {
            // A table that something else has a gradient for, as a tied output layer has: only the rows that were
            // looked up are touched.
            sum.index_add_(&self.indices, g.value());
            return smallvec![Some(Var::new(sum))];
        }
        let value = g.value().embedding_gradient(&self.indices, self.rows);
        smallvec![Some(Var::recorded(value, &[&g], || EmbeddingGradient { indices: self.indices.clone() }))]
    }
}

/// `dx` = the rows of g looked up.
struct EmbeddingGradient {
    indices: Tensor<i64>,
}

impl<T: Float> Rule<T> for EmbeddingGradient {
    fn name(&self) -> &'static str {
        "embedding_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![Some(g.embedding(&self.indices).expect("the same indices were in range before"))]
    }
}
