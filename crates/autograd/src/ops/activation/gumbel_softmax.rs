//! Samples of categories through which gradients flow.

use gradus_tensor::random::{Purpose, with_default};
use gradus_tensor::{Float, Tensor};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `softmax((x + n) / tau)` along `dim` of logits x with noise n of Gumbel's distribution, drawn from this thread's
    /// [`Purpose::Dropout`] stream (Jang et al., arXiv:1611.01144). Where `hard`, the value is 1 at the largest entry
    /// and else 0, and the gradient that of the softmax.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn gumbel_softmax(&self, tau: f64, hard: bool, dim: isize) -> Self {
        self.dim_and_size("gumbel_softmax", dim);
        let half_a_step = 0.5 / f64::from(1u32 << 24);
        let uniform = with_default(Purpose::Dropout, |stream| stream.uniform::<f64>(self.shape(), 0.0, 1.0));
        // Draws lie on a grid that has 0 and not 1; half a step up, no logarithm is of 0.
        let noise = uniform.map(move |u| T::from_f64(-(-(u + half_a_step).ln()).ln()));
        let soft = ((self + &Self::new(noise)) / T::from_f64(tau)).softmax(dim);
        if !hard {
            return soft;
        }
        let largest = soft.value().argmax(dim).unsqueeze(dim);
        let chosen = Self::new(Tensor::zeros(soft.shape()))
            .scatter_value(dim, &largest, T::one())
            .expect("the place of a maximum is within the dimension");
        chosen - soft.detach() + soft
    }
}
