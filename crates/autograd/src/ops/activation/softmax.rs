//! Softmax along a dimension.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y_i = exp(x_i) / sum_j exp(x_j)` along `dim`, without overflow.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn softmax(&self, dim: isize) -> Self {
        Self::recorded(self.value().softmax(dim), &[self], || Softmax { dim })
    }
}

/// `dx = y (g - sum(g y))`, the sum along the dimension.
struct Softmax {
    dim: isize,
}

impl<T: Float> Rule<T> for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, y) = (context.gradient(), context.output());
        if !is_grad_enabled() {
            return smallvec![Some(Var::new(y.value().softmax_gradient(g.value(), self.dim)))];
        }
        smallvec![Some(y * &(g - &(g * y).sum_dims(&[self.dim], true)))]
    }
}
