//! Dimensions in another order.

use gradus_tensor::{Dims, Float, resolve_dim};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Dimension `i` of the result is dimension `dims[i]` of this variable.
    ///
    /// # Panics
    /// If `dims` does not name every dimension once.
    #[track_caller]
    pub fn permute(&self, dims: &[usize]) -> Self {
        Self::recorded(self.value().permute(dims), &[self], || Permute { dims: Dims::from_slice(dims) })
    }

    /// Dimensions `a` and `b` exchanged.
    ///
    /// # Panics
    /// If one of them does not exist.
    #[track_caller]
    pub fn transpose(&self, a: isize, b: isize) -> Self {
        let rank = self.shape().len();
        let mut dims: Dims = (0..rank).collect();
        dims.swap(resolve_dim("transpose", a, rank), resolve_dim("transpose", b, rank));
        self.permute(&dims)
    }
}

/// `dx` is `g` with the dimensions put back.
struct Permute {
    dims: Dims,
}

impl<T: Float> Rule<T> for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let mut back = self.dims.clone();
        self.dims.iter().enumerate().for_each(|(i, &dim)| back[dim] = i);
        smallvec![Some(context.gradient().permute(&back))]
    }
}
