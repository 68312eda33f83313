//! All dimensions but the first made one.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// `[N, A, B, ..] -> [N, A B ..]` ([torch.nn.Flatten] with its defaults).
///
/// [torch.nn.Flatten]: https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Flatten;

impl<T: Float> Module<T> for Flatten {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Flatten {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.flatten(1)
    }
}
