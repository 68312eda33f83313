//! Two-dimensional average pooling in one pass. It is linear, and so is its gradient, whose gradient is the pooling
//! again.

use gradus_tensor::{AvgPool2dOptions, Dims, Float, Pool2dOptions};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::ops::window::windows::plane;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Zeros of the padding count, as in PyTorch's defaults.
    #[track_caller]
    pub(super) fn avg_pool2d_plain(&self, options: Pool2dOptions) -> Self {
        average(self, AvgPool2dOptions::Windows(options))
    }

    /// The averages of as many windows as `output` `[height, width]` says, which cover the plane: `[.., H, W] -> [..,
    /// height, width]` (PyTorch's `functional.adaptive_avg_pool2d`). `[1, 1]` gives the mean of each plane.
    ///
    /// # Panics
    /// If the planes or the output are empty.
    #[track_caller]
    pub fn adaptive_avg_pool2d(&self, output: [usize; 2]) -> Self {
        let input = plane::<2>("adaptive_avg_pool2d", self.shape());
        assert!(
            !input.contains(&0) && !output.contains(&0),
            "adaptive_avg_pool2d: planes {input:?} and output {output:?} must not be empty"
        );
        average(self, AvgPool2dOptions::Adaptive(output))
    }
}

#[track_caller]
fn average<T: Float>(x: &Var<T>, options: AvgPool2dOptions) -> Var<T> {
    let rule = || AvgPool2d { input: x.dims(), options };
    Var::recorded(x.value().avg_pool2d(options), &[x], rule)
}

/// `dx = avg_pool2d_gradient(g)`.
struct AvgPool2d {
    input: Dims,
    options: AvgPool2dOptions,
}

impl<T: Float> Rule<T> for AvgPool2d {
    fn name(&self) -> &'static str {
        "avg_pool2d"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let value = g.value().avg_pool2d_gradient(&self.input, self.options);
        smallvec![Some(Var::recorded(value, &[g], || AvgPool2dGradient { options: self.options }))]
    }
}

/// `dx = avg_pool2d(g)`.
struct AvgPool2dGradient {
    options: AvgPool2dOptions,
}

impl<T: Float> Rule<T> for AvgPool2dGradient {
    fn name(&self) -> &'static str {
        "avg_pool2d_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(average(context.gradient(), self.options))]
    }
}
