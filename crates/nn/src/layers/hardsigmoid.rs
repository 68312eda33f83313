//! The logistic function by straight lines, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `min(max(x + 3, 0), 6) / 6` ([torch.nn.Hardsigmoid]).
///
/// [torch.nn.Hardsigmoid]: https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Hardsigmoid;

impl<T: Float> Module<T> for Hardsigmoid {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Hardsigmoid {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.hardsigmoid()
    }
}
