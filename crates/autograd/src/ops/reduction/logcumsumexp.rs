//! Logarithms of running sums of exponentials.

use gradus_tensor::{Float, resolve_dim};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::reduction::recurrence::backwards;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The logarithms of the sums of `e^x` over each element and all before it along `dim`.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn logcumsumexp(&self, dim: isize) -> Self {
        Self::recorded(self.value().logcumsumexp(dim), &[self], || LogCumSumExp {
            x: self.clone(),
            dim: resolve_dim("logcumsumexp", dim, self.shape().len()),
        })
    }
}

/// `dx[i]` = the sum over `j >= i` of `g[j] e^(x[i] - y[j])`, which is `e^(x[i] - y[i]) s[i]` with
/// `s[i] = g[i] + e^(y[i] - y[i + 1]) s[i + 1]`: every exponent is below 0.
struct LogCumSumExp<T: Float> {
    x: Var<T>,
    dim: usize,
}

impl<T: Float> Rule<T> for LogCumSumExp<T> {
    fn name(&self) -> &'static str {
        "logcumsumexp"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, y, dim) = (context.gradient(), context.output(), self.dim as isize);
        let Some(last) = g.shape()[self.dim].checked_sub(1) else {
            return smallvec![Some(g.clone())];
        };
        let decay = (y.narrow(dim, 0, last) - y.narrow(dim, 1, last)).exp();
        smallvec![Some((&self.x - y).exp() * backwards(&decay, g, self.dim))]
    }
}
