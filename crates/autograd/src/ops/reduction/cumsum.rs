//! Running sums.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The sums of each element and all before it along `dim`.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn cumsum(&self, dim: isize) -> Self {
        Self::recorded(self.value().cumsum(dim), &[self], || CumSum { dim })
    }
}

/// `dx` is the sum of g from each element to the last.
struct CumSum {
    dim: isize,
}

impl<T: Float> Rule<T> for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().flip(&[self.dim]).cumsum(self.dim).flip(&[self.dim]))]
    }
}
