//! The logarithm of softmax along a dimension.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y_i = x_i - log(sum_j exp(x_j))` along `dim`, without overflow or cancellation.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn log_softmax(&self, dim: isize) -> Self {
        Self::recorded(self.value().log_softmax(dim), &[self], || LogSoftmax { dim })
    }
}

/// `dx = g - exp(y) sum(g)`, the sum along the dimension.
struct LogSoftmax {
    dim: isize,
}

impl<T: Float> Rule<T> for LogSoftmax {
    fn name(&self) -> &'static str {
        "log_softmax"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, y) = (context.gradient(), context.output());
        if !is_grad_enabled() {
            return smallvec![Some(Var::new(y.value().log_softmax_gradient(g.value(), self.dim)))];
        }
        smallvec![Some(g - &(y.exp() * g.sum_dims(&[self.dim], true)))]
    }
}
