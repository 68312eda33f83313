//! The rectifier that ends at 6, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `min(max(x, 0), 6)` ([torch.nn.ReLU6]).
///
/// [torch.nn.ReLU6]: https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU6;

impl<T: Float> Module<T> for ReLU6 {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for ReLU6 {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.relu6()
    }
}
