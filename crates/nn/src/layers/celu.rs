//! The exponential linear unit without a jump of its derivative, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x` above 0, else `alpha (e^(x / alpha) - 1)` ([torch.nn.CELU]).
///
/// [torch.nn.CELU]: https://pytorch.org/docs/stable/generated/torch.nn.CELU.html
#[derive(Clone, Copy, Debug)]
pub struct CELU {
    alpha: f64,
}

impl CELU {
    /// With this `alpha`.
    ///
    /// # Panics
    /// If `alpha` is 0.
    #[track_caller]
    pub fn new(alpha: f64) -> Self {
        assert!(alpha != 0.0, "CELU: alpha is 0");
        Self { alpha }
    }
}

/// PyTorch's default of 1.
impl Default for CELU {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl<T: Float> Module<T> for CELU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for CELU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.celu(self.alpha)
    }
}
