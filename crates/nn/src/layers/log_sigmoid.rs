//! The logarithm of the logistic function as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `log(1 / (1 + e^-x))` ([torch.nn.LogSigmoid]).
///
/// [torch.nn.LogSigmoid]: https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSigmoid;

impl<T: Float> Module<T> for LogSigmoid {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for LogSigmoid {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.log_sigmoid()
    }
}
