//! Logarithms of sums of exponentials.

use gradus_tensor::{Dims, Float, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::reduction::kept_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `ln` of the sum of `e^x` along `dims`, which disappear, or keep size 1 with `keep_dim`. Large elements do not
    /// overflow.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn logsumexp(&self, dims: &[isize], keep_dim: bool) -> Self {
        let x = self.value();
        let dims = &self.reduced_dims("logsumexp", dims);
        let kept = kept_shape(self.shape(), dims);
        let largest = if x.numel() == 0 { Tensor::zeros(&kept) } else { x.amax(dims, true) };
        // Infinities cannot be subtracted; a sum that holds one is as it is.
        let largest = largest.map(|x| if x.is_finite() { x } else { T::zero() });
        let sum = (x - &largest).map(T::exp).sum_dims(dims, keep_dim);
        let value = &sum.map(T::ln) + &largest.reshape(sum.shape());
        Self::recorded(value, &[self], || LogSumExp { x: self.clone(), kept })
    }
}

/// `dx = g e^(x - y)`.
struct LogSumExp<T: Float> {
    x: Var<T>,
    /// The input's shape with 1 for every dimension that was summed.
    kept: Dims,
}

impl<T: Float> Rule<T> for LogSumExp<T> {
    fn name(&self) -> &'static str {
        "logsumexp"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let weights = (&self.x - context.output().reshape(&self.kept)).exp();
        smallvec![Some(context.gradient().reshape(&self.kept) * weights)]
    }
}
