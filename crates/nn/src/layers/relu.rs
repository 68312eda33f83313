//! The rectifier as a layer.

use gradus_autograd::Var;
use gradus_tensor::{Activation, Float};

use crate::module::{Layer, Members, Module};

/// `max(x, 0)` ([torch.nn.ReLU]).
///
/// [torch.nn.ReLU]: https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;

impl<T: Float> Module<T> for ReLU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for ReLU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.relu()
    }

    fn as_activation(&self) -> Option<Activation> {
        Some(Activation::Relu)
    }
}
