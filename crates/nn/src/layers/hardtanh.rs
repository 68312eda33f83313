//! Bounds as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `min(max(x, min), max)` ([torch.nn.Hardtanh]).
///
/// [torch.nn.Hardtanh]: https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
#[derive(Clone, Copy, Debug)]
pub struct Hardtanh {
    min: f64,
    max: f64,
}

impl Hardtanh {
    /// Between these bounds.
    ///
    /// # Panics
    /// If `min` is above `max`.
    #[track_caller]
    pub fn new(min: f64, max: f64) -> Self {
        assert!(min <= max, "Hardtanh: lower bound {min} is above upper bound {max}");
        Self { min, max }
    }
}

/// PyTorch's defaults of -1 and 1.
impl Default for Hardtanh {
    fn default() -> Self {
        Self::new(-1.0, 1.0)
    }
}

impl<T: Float> Module<T> for Hardtanh {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Hardtanh {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.hardtanh(self.min, self.max)
    }
}
