//! The same elements under another shape.

use gradus_tensor::{Dims, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The elements in row-major order under `shape`.
    ///
    /// # Panics
    /// If the number of elements differs.
    #[track_caller]
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Self {
        let value = self.value().reshape(shape);
        Self::recorded(value, &[self], || Reshape { input: self.dims() })
    }
}

/// `dx` is `g` under the input's shape.
pub(super) struct Reshape {
    pub(super) input: Dims,
}

impl<T: Float> Rule<T> for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().reshape(&self.input))]
    }
}
