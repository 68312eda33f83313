//! A threshold as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x` above `threshold`, else `value` ([torch.nn.Threshold]).
///
/// [torch.nn.Threshold]: https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html
#[derive(Clone, Copy, Debug)]
pub struct Threshold {
    threshold: f64,
    value: f64,
}

impl Threshold {
    /// With this `value` up to the `threshold`.
    pub fn new(threshold: f64, value: f64) -> Self {
        Self { threshold, value }
    }
}

impl<T: Float> Module<T> for Threshold {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Threshold {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.threshold(self.threshold, self.value)
    }
}
