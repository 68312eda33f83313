//! Several dimensions made one.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Dimensions from one to another, both included, made one: all but the first by default ([torch.nn.Flatten]).
///
/// [torch.nn.Flatten]: https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
#[derive(Clone, Copy, Debug)]
pub struct Flatten {
    start: isize,
    end: isize,
}

impl Flatten {
    /// All dimensions but the first.
    pub fn new() -> Self {
        Self::with_dims(1, -1)
    }

    /// Dimensions `start` to `end`; negative ones count from the end.
    pub fn with_dims(start: isize, end: isize) -> Self {
        Self { start, end }
    }
}

impl Default for Flatten {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Float> Module<T> for Flatten {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Flatten {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.flatten_dims(self.start, self.end)
    }
}
