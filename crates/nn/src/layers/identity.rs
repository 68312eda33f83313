//! The layer that changes nothing.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x` ([torch.nn.Identity]).
///
/// [torch.nn.Identity]: https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl<T: Float> Module<T> for Identity {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Identity {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.clone()
    }
}
