//! Dropout for self-normalising networks.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::dropout::Rate;
use crate::module::Layer;

/// In training, drops elements with probability `p` so that mean 0 and variance 1 stay; in evaluation, does nothing
/// ([torch.nn.AlphaDropout]; the formula is at [`Var::alpha_dropout`]).
///
/// [torch.nn.AlphaDropout]: https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
#[derive(Debug)]
pub struct AlphaDropout {
    rate: Rate,
}

impl AlphaDropout {
    /// Drops each element with probability `p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { rate: Rate::new("AlphaDropout", p) }
    }
}

/// PyTorch's default of 0.5.
impl Default for AlphaDropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> crate::Module<T> for AlphaDropout {
    fn members(&self, members: &mut crate::Members<T>) {
        self.rate.members(members);
    }
}

impl<T: Float> Layer<T> for AlphaDropout {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.rate.apply(x, Var::alpha_dropout)
    }
}
