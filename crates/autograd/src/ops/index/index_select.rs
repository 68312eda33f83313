//! Entries of a dimension chosen by index. The choice and its gradient are linear; each one's gradient is the other.

use gradus_tensor::{Float, IndexError, Tensor, resolve_dim};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Entries `indices` (of one dimension) of dimension `dim`, in that order.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the dimension is out of range or the indices have not one dimension.
    #[track_caller]
    pub fn index_select(&self, dim: isize, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        let value = self.value().index_select_dim(dim, indices)?;
        Ok(Self::recorded(value, &[self], || {
            let dim = resolve_dim("index_select", dim, self.shape().len());
            IndexSelect { dim, indices: indices.clone(), entries: self.shape()[dim] }
        }))
    }

    /// [`index_select`](Self::index_select) by indices that are in range.
    #[track_caller]
    pub(crate) fn picked(&self, dim: isize, indices: &Tensor<i64>) -> Self {
        self.index_select(dim, indices).unwrap_or_else(|error| panic!("index_select: {error}"))
    }
}

/// Dimension `dim` of `entries` entries: entry `v` is the sum of those of `x` whose index is `v`.
pub(crate) fn added_up<T: Float>(x: &Var<T>, dim: usize, indices: &Tensor<i64>, entries: usize) -> Var<T> {
    let value = x.value().index_select_gradient(dim as isize, indices, entries);
    Var::recorded(value, &[x], || IndexSelectGradient { dim, indices: indices.clone() })
}

/// `dx[v]` = the sum of the entries of g whose index is v.
struct IndexSelect {
    dim: usize,
    indices: Tensor<i64>,
    entries: usize,
}

impl<T: Float> Rule<T> for IndexSelect {
    fn name(&self) -> &'static str {
        "index_select"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(added_up(context.gradient(), self.dim, &self.indices, self.entries))]
    }
}

/// `dx` = the entries of g that were added to.
struct IndexSelectGradient {
    dim: usize,
    indices: Tensor<i64>,
}

impl<T: Float> Rule<T> for IndexSelectGradient {
    fn name(&self) -> &'static str {
        "index_select_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().picked(self.dim as isize, &self.indices))]
    }
}
