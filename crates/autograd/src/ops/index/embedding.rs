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
        let value = self.value().embedding(indices)?;
        let rule = || Embedding { indices: indices.clone(), rows: self.shape()[0] };
        Ok(Self::recorded(value, &[self], rule))
    }
}

/// `dx[v]` = the sum of the rows of g whose index is v.
struct Embedding {
    indices: Tensor<i64>,
    rows: usize,
}

impl<T: Float> Rule<T> for Embedding {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn adds_in_place(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if let Some(mut sum) = context.take_sum(0) {
            // A table that something else has a gradient for, as a tied output layer has: only the rows that were
            // looked up are touched.
            sum.index_add_(&self.indices, g.value());
            return smallvec![Some(Var::new(sum))];
        }
        let value = g.value().embedding_gradient(&self.indices, self.rows);
        smallvec![Some(Var::recorded(value, &[g], || EmbeddingGradient { indices: self.indices.clone() }))]
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
