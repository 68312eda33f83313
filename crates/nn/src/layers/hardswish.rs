//! Swish by straight lines, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `x min(max(x + 3, 0), 6) / 6` ([torch.nn.Hardswish]).
///
/// [torch.nn.Hardswish]: https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Hardswish;

impl<T: Float> Module<T> for Hardswish {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Hardswish {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.hardswish()
    }
}
