//! Softmax over the channels of images, as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Softmax over the channels at each place: `[N, C, H, W]` or `[C, H, W]`, of the same shape after it
/// ([torch.nn.Softmax2d]).
///
/// [torch.nn.Softmax2d]: https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
#[derive(Clone, Copy, Debug, Default)]
pub struct Softmax2d;

impl<T: Float> Module<T> for Softmax2d {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Softmax2d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        assert!(matches!(x.shape().len(), 3 | 4), "Softmax2d: input {:?} is not [N, C, H, W] or [C, H, W]", x.shape());
        x.softmax(-3)
    }
}
