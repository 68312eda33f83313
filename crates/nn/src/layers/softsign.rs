//! The softened sign as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x / (1 + |x|)` ([torch.nn.Softsign]).
///
/// [torch.nn.Softsign]: https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Softsign;

impl<T: Float> Module<T> for Softsign {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Softsign {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.softsign()
    }
}
