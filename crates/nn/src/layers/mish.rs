//! Mish as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x tanh(log(1 + e^x))` ([torch.nn.Mish]).
///
/// [torch.nn.Mish]: https://pytorch.org/docs/stable/generated/torch.nn.Mish.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Mish;

impl<T: Float> Module<T> for Mish {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Mish {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.mish()
    }
}
