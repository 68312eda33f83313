//! The self-normalising exponential linear unit as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `scale x` above 0, else `scale alpha (e^x - 1)`, both of fixed numbers that keep means of 0 and variances of 1
/// ([torch.nn.SELU]).
///
/// [torch.nn.SELU]: https://pytorch.org/docs/stable/generated/torch.nn.SELU.html
#[derive(Clone, Copy, Debug, Default)]
pub struct SELU;

impl<T: Float> Module<T> for SELU {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for SELU {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.selu()
    }
}
