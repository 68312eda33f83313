//! The sigmoid-weighted linear unit as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x sigmoid(x)` ([torch.nn.SiLU]).
///
/// [torch.nn.SiLU]: https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
#[derive(Clone, Copy, Debug, Default)]
pub struct SiLU;

impl<T: Float> Module<T> for SiLU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for SiLU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.silu()
    }
}
