//! The rectifier with a random slope below 0.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::mode::Mode;
use crate::module::{Layer, Members, Module};

/// `x` above 0, else `r x`: in training with `r` drawn for each element from `lower` to `upper`, in evaluation with the
/// mean of both ([torch.nn.RReLU]).
///
/// [torch.nn.RReLU]: https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html
#[derive(Debug)]
pub struct RReLU {
    lower: f64,
    upper: f64,
    mode: Mode,
}

impl RReLU {
    /// With slopes from `lower` to `upper`.
    ///
    /// # Panics
    /// If `lower` is above `upper`.
    #[track_caller]
    pub fn new(lower: f64, upper: f64) -> Self {
        assert!(lower <= upper, "RReLU: lower bound {lower} is above upper bound {upper}");
        Self { lower, upper, mode: Mode::new() }
    }
}

/// PyTorch's defaults of 1/8 and 1/3.
impl Default for RReLU {
    fn default() -> Self {
        Self::new(1.0 / 8.0, 1.0 / 3.0)
    }
}

impl<T: Float> Module<T> for RReLU {
    fn members(&self, members: &mut Members<T>) {
        members.field("mode", &self.mode);
    }
}

impl<T: Float> Layer<T> for RReLU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.rrelu(self.lower, self.upper, self.mode.is_training())
    }
}
