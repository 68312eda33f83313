//! The logistic function as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `1 / (1 + e^-x)` ([torch.nn.Sigmoid]).
///
/// [torch.nn.Sigmoid]: https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

impl<T: Float> Module<T> for Sigmoid {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Sigmoid {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.sigmoid()
    }
}
