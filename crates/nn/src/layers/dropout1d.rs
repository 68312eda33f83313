//! Dropout of whole sequences.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::dropout::Rate;
use crate::module::Layer;

/// In training, sets each channel of `[N, C, L]` or `[C, L]` to 0 with probability `p` and divides the others by
/// `1 - p`; in evaluation, does nothing ([torch.nn.Dropout1d]).
///
/// [torch.nn.Dropout1d]: https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
#[derive(Debug)]
pub struct Dropout1d {
    rate: Rate,
}

impl Dropout1d {
    /// Drops each channel with probability `p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { rate: Rate::new("Dropout1d", p) }
    }
}

/// PyTorch's default of 0.5.
impl Default for Dropout1d {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> crate::Module<T> for Dropout1d {
    fn members(&self, members: &mut crate::Members<T>) {
        self.rate.members(members);
    }
}

impl<T: Float> Layer<T> for Dropout1d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.rate.apply(x, Var::dropout1d)
    }
}
