//! What the hyperbolic tangent leaves, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x - tanh x` ([torch.nn.Tanhshrink]).
///
/// [torch.nn.Tanhshrink]: https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanhshrink;

impl<T: Float> Module<T> for Tanhshrink {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Tanhshrink {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.tanhshrink()
    }
}
