//! The adaptive average pooling layers, over one, two and three dimensions.

use gradus_autograd::Var;
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// The averages of windows, as many as outputs over sequences: `[.., L] -> [.., L']` ([torch.nn.AdaptiveAvgPool1d]).
///
/// [torch.nn.AdaptiveAvgPool1d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
pub type AdaptiveAvgPool1d = AdaptiveAvgPool<1>;

/// The averages of windows, as many as outputs over images: `[.., H, W] -> [.., H', W']`
/// ([torch.nn.AdaptiveAvgPool2d]).
///
/// [torch.nn.AdaptiveAvgPool2d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
pub type AdaptiveAvgPool2d = AdaptiveAvgPool<2>;

/// The averages of windows, as many as outputs over volumes: `[.., D, H, W] -> [.., D', H', W']`
/// ([torch.nn.AdaptiveAvgPool3d]).
///
/// [torch.nn.AdaptiveAvgPool3d]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
pub type AdaptiveAvgPool3d = AdaptiveAvgPool<3>;

/// Adaptive average pooling over D dimensions: [`AdaptiveAvgPool1d`], [`AdaptiveAvgPool2d`] and [`AdaptiveAvgPool3d`].
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveAvgPool<const D: usize> {
    output: [Option<usize>; D],
}

impl<const D: usize> AdaptiveAvgPool<D> {
    /// `output` is the output's size; a dimension that is `None` keeps the input's.
    pub fn new<S: Into<Option<usize>>>(output: [S; D]) -> Self {
        Self { output: output.map(Into::into) }
    }
}

impl<const D: usize, T: Float> Module<T> for AdaptiveAvgPool<D> {
    fn type_name(&self) -> String {
        format!("AdaptiveAvgPool{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}

impl<const D: usize, T: Float> Layer<T> for AdaptiveAvgPool<D> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.adaptive_avg_pool(output_size(self.output, x.shape()))
    }
}

/// The sizes asked for; those of the input where none is.
#[track_caller]
pub(super) fn output_size<const D: usize>(output: [Option<usize>; D], input: &[usize]) -> [usize; D] {
    let Some(&input) = input.last_chunk::<D>() else {
        panic!("adaptive pooling: input {input:?} must have {D} dimensions at least");
    };
    std::array::from_fn(|d| output[d].unwrap_or(input[d]))
}
