//! The rectifier with a trained slope below 0.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use crate::init;
use crate::module::Layer;

/// `x` above 0, else `w x` with a trained weight: one for all, or one for each entry of dimension 1
/// ([torch.nn.PReLU]). The weights start at 1/4.
///
/// [torch.nn.PReLU]: https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
#[derive(Debug, crate::Module)]
pub struct PReLU<T: Float = f32> {
    /// `[num_parameters]`.
    pub weight: Param<T>,
}

impl<T: Float> PReLU<T> {
    /// With one weight, or as many as dimension 1 of the input has entries.
    pub fn new(num_parameters: usize) -> Self {
        Self { weight: Param::new(init::constant([num_parameters], 0.25)) }
    }

    /// The layer with weights that start at `value`.
    #[must_use]
    pub fn with_init(self, value: f64) -> Self {
        Self { weight: Param::new(init::constant(self.weight.shape(), value)) }
    }
}

/// One weight, as in PyTorch.
impl<T: Float> Default for PReLU<T> {
    fn default() -> Self {
        Self::new(1)
    }
}

impl<T: Float> Layer<T> for PReLU<T> {
    /// # Panics
    /// If the number of weights is neither 1 nor the size of dimension 1.
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.prelu(&self.weight.var())
    }
}
