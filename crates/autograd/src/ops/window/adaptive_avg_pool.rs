//! Average pooling by as many windows as outputs, over one or three dimensions.

use gradus_tensor::{AxisMap, Float};

use crate::ops::window::windows::{adaptive, plane};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The averages of `output` windows that cover the last dimension: `[.., L] -> [.., output]` (PyTorch's
    /// `functional.adaptive_avg_pool1d`).
    ///
    /// # Panics
    /// If the dimension or the output is empty.
    #[track_caller]
    pub fn adaptive_avg_pool1d(&self, output: usize) -> Self {
        self.adaptive_avg_pool([output])
    }

    /// The averages of as many windows as `output` `[depth, height, width]` says, which cover the volume: `[.., D, H,
    /// W] -> [.., depth, height, width]` (PyTorch's `functional.adaptive_avg_pool3d`).
    ///
    /// # Panics
    /// If the volumes or the output are empty.
    #[track_caller]
    pub fn adaptive_avg_pool3d(&self, output: [usize; 3]) -> Self {
        self.adaptive_avg_pool(output)
    }

    /// Adaptive average pooling over the last D dimensions.
    ///
    /// # Panics
    /// If the volumes or the output are empty.
    #[track_caller]
    pub fn adaptive_avg_pool<const D: usize>(&self, output: [usize; D]) -> Self {
        if let [height, width] = output[..] {
            return self.adaptive_avg_pool2d([height, width]);
        }
        let input = plane::<D>("adaptive_avg_pool", self.shape());
        assert!(!output.contains(&0), "adaptive_avg_pool: output {output:?} must not be empty");
        self.map_last::<D>(|d| {
            AxisMap::new(input[d], output[d], |i| {
                let window = adaptive(input[d], output[d], i);
                let weight = 1.0 / window.len() as f64;
                window.map(move |at| (at, weight))
            })
        })
    }
}
