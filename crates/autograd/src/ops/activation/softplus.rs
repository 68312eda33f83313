//! A smooth rectifier.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log(1 + e^(beta x)) / beta`, and `x` itself where `beta x > threshold`. PyTorch's defaults are 1 and 20.
    pub fn softplus(&self, beta: f64, threshold: f64) -> Self {
        let (beta, threshold) = (T::from_f64(beta), T::from_f64(threshold));
        let value = self.value().map(|x| {
            let z = x * beta;
            if z > threshold { x } else { z.exp().ln_1p() / beta }
        });
        Self::recorded(value, &[self], || Softplus { x: self.clone(), beta, threshold })
    }
}

/// `dx = g / (1 + e^(-beta x))`, and `g` where the output is `x`.
struct Softplus<T: Float> {
    x: Var<T>,
    beta: T,
    threshold: T,
}

impl<T: Float> Rule<T> for Softplus<T> {
    fn name(&self) -> &'static str {
        "softplus"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let z = &self.x * self.beta;
        let linear = z.gt(self.threshold);
        // At the threshold itself the first derivative is the curve's and the second the line's, as in PyTorch.
        let z = z.where_(&z.lt(self.threshold), &z.detach());
        smallvec![Some(g.where_(&linear, &(g * &z.sigmoid())))]
    }
}
