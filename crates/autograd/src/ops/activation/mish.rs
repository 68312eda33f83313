//! A smooth activation that is not monotonic.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x tanh(log(1 + e^x))` (Misra, arXiv:1908.08681).
    pub fn mish(&self) -> Self {
        // With n = e^x: tanh(log(1 + n)) = n (n + 2) / (n (n + 2) + 2), which is 1 before n overflows.
        let power = self.value().exp();
        let value = self.value().zip_map(&power, "mish", |x, n| {
            let product = n * (n + T::from_f64(2.0));
            if x > T::from_f64(20.0) { x } else { x * (product / (product + T::from_f64(2.0))) }
        });
        Self::recorded(value, &[self], || Mish(self.clone()))
    }
}

/// `dx = g (t + x s (1 - t^2))`, `t = tanh(log(1 + e^x))`, `s = sigmoid(x)`.
struct Mish<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Mish<T> {
    fn name(&self) -> &'static str {
        "mish"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let x = &self.0;
        let t = &x.softplus(1.0, 20.0).tanh();
        let slope = t + &(x * &x.sigmoid() * (-t.square() + T::one()));
        smallvec![Some(context.gradient() * &slope)]
    }
}
