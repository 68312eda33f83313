//! The hyperbolic tangent as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `tanh x` ([torch.nn.Tanh]).
///
/// [torch.nn.Tanh]: https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

impl<T: Float> Module<T> for Tanh {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Tanh {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.tanh()
    }
}
