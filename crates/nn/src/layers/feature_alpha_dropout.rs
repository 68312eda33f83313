//! Dropout of whole channels for self-normalising networks.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::dropout::Rate;
use crate::module::Layer;

/// In training, drops channels of `[N, C, ..]` with probability `p` so that mean 0 and variance 1 stay; in evaluation,
/// does nothing ([torch.nn.FeatureAlphaDropout]; the formula is at [`Var::alpha_dropout`]).
///
/// [torch.nn.FeatureAlphaDropout]: https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
#[derive(Debug)]
pub struct FeatureAlphaDropout {
    rate: Rate,
}

impl FeatureAlphaDropout {
    /// Drops each channel with probability `p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { rate: Rate::new("FeatureAlphaDropout", p) }
    }
}

/// PyTorch's default of 0.5.
impl Default for FeatureAlphaDropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> crate::Module<T> for FeatureAlphaDropout {
    fn members(&self, members: &mut crate::Members<T>) {
        self.rate.members(members);
    }
}

impl<T: Float> Layer<T> for FeatureAlphaDropout {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.rate.apply(x, Var::feature_alpha_dropout)
    }
}
