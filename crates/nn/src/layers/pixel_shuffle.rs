//! Channels spread over blocks of F x F pixels.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Channels spread over blocks of F x F pixels: `[.., C F^2, H, W] -> [.., C, H F, W F]` ([torch.nn.PixelShuffle]).
///
/// [torch.nn.PixelShuffle]: https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
#[derive(Clone, Copy, Debug)]
pub struct PixelShuffle {
    factor: usize,
}

impl PixelShuffle {
    /// Blocks of `factor` x `factor` pixels.
    pub fn new(factor: usize) -> Self {
        Self { factor }
    }
}

impl<T: Float> Module<T> for PixelShuffle {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for PixelShuffle {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.pixel_shuffle(self.factor)
    }
}
