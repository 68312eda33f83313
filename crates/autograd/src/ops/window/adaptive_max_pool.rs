//! Max pooling by as many windows as outputs.

use gradus_tensor::{AxisWindows, Float, Tensor};

use crate::ops::window::windows::{adaptive, plane};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The largest elements of `output` windows that cover the last dimension: `[.., L] -> [.., output]` (PyTorch's
    /// `functional.adaptive_max_pool1d`).
    ///
    /// # Panics
    /// If the dimension or the output is empty.
    #[track_caller]
    pub fn adaptive_max_pool1d(&self, output: usize) -> Self {
        self.adaptive_max_pool_with_indices([output]).0
    }

    /// The largest elements of as many windows as `output` `[height, width]` says, which cover the plane: `[.., H, W]
    /// -> [.., height, width]` (PyTorch's `functional.adaptive_max_pool2d`).
    ///
    /// # Panics
    /// If the planes or the output are empty.
    #[track_caller]
    pub fn adaptive_max_pool2d(&self, output: [usize; 2]) -> Self {
        self.adaptive_max_pool_with_indices(output).0
    }

    /// The largest elements of as many windows as `output` `[depth, height, width]` says, which cover the volume:
    /// `[.., D, H, W] -> [.., depth, height, width]` (PyTorch's `functional.adaptive_max_pool3d`).
    ///
    /// # Panics
    /// If the volumes or the output are empty.
    #[track_caller]
    pub fn adaptive_max_pool3d(&self, output: [usize; 3]) -> Self {
        self.adaptive_max_pool_with_indices(output).0
    }

    /// Adaptive max pooling over the last D dimensions, one, two or three, and the place of each maximum in those,
    /// which counts row-major (PyTorch's `return_indices`). Of equals the first gets the gradient.
    ///
    /// # Panics
    /// If the volumes or the output are empty.
    #[track_caller]
    pub fn adaptive_max_pool_with_indices<const D: usize>(&self, output: [usize; D]) -> (Self, Tensor<i64>) {
        let name = ["adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"][D - 1];
        let input = plane::<D>(name, self.shape());
        assert!(!output.contains(&0), "{name}: output {output:?} must not be empty");
        let windows: [AxisWindows; D] = std::array::from_fn(|d| {
            let ranges = (0..output[d]).map(|i| adaptive(input[d], output[d], i)).collect();
            AxisWindows { step: 1, ranges }
        });
        let places = self.value().max_windows(&windows);
        (self.largest(&places, D), places)
    }
}
