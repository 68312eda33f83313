//! Dropout of whole volumes.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::dropout::Rate;
use crate::module::Layer;

/// In training, sets each channel of `[N, C, D, H, W]` or `[C, D, H, W]` to 0 with probability `p` and divides the
/// others by `1 - p`; in evaluation, does nothing ([torch.nn.Dropout3d]).
///
/// [torch.nn.Dropout3d]: https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
#[derive(Debug)]
pub struct Dropout3d {
    rate: Rate,
}

impl Dropout3d {
    /// Drops each channel with probability `p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { rate: Rate::new("Dropout3d", p) }
    }
}

/// PyTorch's default of 0.5.
impl Default for Dropout3d {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> crate::Module<T> for Dropout3d {
    fn members(&self, members: &mut crate::Members<T>) {
        self.rate.members(members);
    }
}

impl<T: Float> Layer<T> for Dropout3d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.rate.apply(x, Var::dropout3d)
    }
}
