//! Dropout as a layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::mode::Mode;
use crate::module::Layer;

/// In training, sets each element to 0 with probability `p` and divides the others by `1 - p`; in evaluation, does
/// nothing ([torch.nn.Dropout]).
///
/// [torch.nn.Dropout]: https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
#[derive(Debug)]
pub struct Dropout {
    p: f64,
    mode: Mode,
}

impl Dropout {
    /// Drops each element with probability `p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "Dropout: probability {p} is outside 0..=1");
        Self { p, mode: Mode::new() }
    }
}

/// PyTorch's default of 0.5.
impl Default for Dropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl<T: Float> crate::Module<T> for Dropout {
    fn members(&self, members: &mut crate::Members<T>) {
        members.field("mode", &self.mode);
    }
}

impl<T: Float> Layer<T> for Dropout {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        if self.mode.is_training() && self.p > 0.0 { x.dropout(self.p) } else { x.clone() }
    }
}
