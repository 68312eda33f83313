//! Blocks of F x F pixels as channels.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Blocks of F x F pixels as channels: `[.., C, H F, W F] -> [.., C F^2, H, W]` ([torch.nn.PixelUnshuffle]).
///
/// [torch.nn.PixelUnshuffle]: https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
#[derive(Clone, Copy, Debug)]
pub struct PixelUnshuffle {
    factor: usize,
}

impl PixelUnshuffle {
    /// Blocks of `factor` x `factor` pixels.
    pub fn new(factor: usize) -> Self {
        Self { factor }
    }
}

impl<T: Float> Module<T> for PixelUnshuffle {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for PixelUnshuffle {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.pixel_unshuffle(self.factor)
    }
}
