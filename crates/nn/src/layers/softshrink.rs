//! The soft shrinkage as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x` brought nearer to 0 by `lambda`, and 0 where `-lambda <= x <= lambda` ([torch.nn.Softshrink]).
///
/// [torch.nn.Softshrink]: https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
#[derive(Clone, Copy, Debug)]
pub struct Softshrink {
    lambda: f64,
}

impl Softshrink {
    /// With this `lambda`.
    ///
    /// # Panics
    /// If `lambda` is negative.
    #[track_caller]
    pub fn new(lambda: f64) -> Self {
        assert!(lambda >= 0.0, "Softshrink: lambda is {lambda}");
        Self { lambda }
    }
}

/// PyTorch's default of 1/2.
impl Default for Softshrink {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> Module<T> for Softshrink {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Softshrink {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.softshrink(self.lambda)
    }
}
