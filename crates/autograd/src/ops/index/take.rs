//! Elements chosen by place. The choice and its gradient are linear, and each one's gradient is the other.

use gradus_tensor::{Dims, Float, IndexError, Tensor, broadcast_shapes, resolve_dim};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The elements at `indices`, which count in row-major order: `[..] -> [..]`.
    ///
    /// # Errors
    /// If an index is outside the elements.
    pub fn take(&self, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        let value = self.value().take(indices)?;
        let rule = || Take { indices: indices.clone(), shape: self.dims() };
        Ok(Self::recorded(value, &[self], rule))
    }

    /// The elements at the indices along dimension `dim`: with `dim` 1, element `[i, j, k]` of the result is
    /// `[i, indices[i, j, k], k]` of this variable. The result has the indices' shape.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the number of dimensions differs, or the indices have more entries than this variable along another one.
    #[track_caller]
    pub fn gather(&self, dim: isize, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        Ok(self.taken(&indices.places_along("gather", dim, self.shape())?))
    }

    /// [`gather`](Self::gather), where the other dimensions of this variable and of the indices broadcast.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the other dimensions do not broadcast, or their number differs.
    #[track_caller]
    pub fn take_along_dim(&self, indices: &Tensor<i64>, dim: isize) -> Result<Self, IndexError> {
        let rank = self.shape().len();
        let at = resolve_dim("take_along_dim", dim, rank);
        let without = |shape: &[usize]| -> Option<Dims> {
            let mut others = Dims::from_slice(shape);
            *others.get_mut(at)? = 1;
            (shape.len() == rank).then_some(others)
        };
        let others = without(self.shape()).zip(without(indices.shape())).and_then(|(a, b)| broadcast_shapes(&a, &b));
        let Some(others) = others else {
            panic!(
                "take_along_dim: shape {:?} and indices of shape {:?} do not broadcast beside dimension {at}",
                self.shape(),
                indices.shape()
            );
        };
        let with = |size: usize| {
            let mut shape = others.clone();
            shape[at] = size;
            shape
        };
        self.broadcast_to(with(self.shape()[at])).gather(dim, &indices.broadcast_to(with(indices.shape()[at])))
    }

    /// [`take`](Self::take) at places that are in range.
    #[track_caller]
    pub(crate) fn taken(&self, places: &Tensor<i64>) -> Self {
        self.take(places).unwrap_or_else(|error| panic!("take: {error}"))
    }

    /// Zeros of `shape` with each element of this variable added at its place.
    pub(crate) fn put(&self, places: &Tensor<i64>, shape: &[usize]) -> Self {
        let value = self.value().take_gradient(places, shape);
        Self::recorded(value, &[self], || TakeGradient { indices: places.clone() })
    }
}

/// `dx[i]` = the sum of the elements of g whose index is i.
struct Take {
    indices: Tensor<i64>,
    shape: Dims,
}

impl<T: Float> Rule<T> for Take {
    fn name(&self) -> &'static str {
        "take"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().put(&self.indices, &self.shape))]
    }
}

/// `dx` = the elements of g that were added to.
struct TakeGradient {
    indices: Tensor<i64>,
}

impl<T: Float> Rule<T> for TakeGradient {
    fn name(&self) -> &'static str {
        "take_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().taken(&self.indices))]
    }
}
