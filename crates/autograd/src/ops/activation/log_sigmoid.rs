//! The logarithm of the logistic function.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(1 / (1 + e^-x))`, without overflow or cancellation (PyTorch's `logsigmoid`).
    pub fn log_sigmoid(&self) -> Self {
        Self::recorded(self.value().map(log_sigmoid), &[self], || LogSigmoid(self.clone()))
    }
}

/// `dx = g / (1 + e^x)`.
struct LogSigmoid<T: Float>(Var<T>);

impl<T: Float> Rule<T> for LogSigmoid<T> {
    fn name(&self) -> &'static str {
        "log_sigmoid"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        // Not by `sigmoid`, whose own derivative would cancel where this is near 1.
        smallvec![Some(context.gradient() * &(-&self.0).log_sigmoid().exp())]
    }
}

/// `min(x, 0) - log(1 + e^-|x|)`.
fn log_sigmoid<T: Float>(x: T) -> T {
    let below = if x < T::zero() { x } else { T::zero() };
    below - (-x.abs()).exp().ln_1p()
}
