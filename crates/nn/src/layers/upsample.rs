//! Other sizes, by interpolation.

use gradus_autograd::{InterpolateMode, InterpolateOptions, InterpolateTo, Var};
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// Sequences, images or volumes in another size: `[N, C, ..] -> [N, C, ..]` ([torch.nn.Upsample]).
///
/// [torch.nn.Upsample]: https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
#[derive(Clone, Debug)]
pub struct Upsample {
    options: InterpolateOptions,
}

impl Upsample {
    /// To a size or by a factor, in any mode.
    pub fn new(options: InterpolateOptions) -> Self {
        Self { options }
    }
}

impl<T: Float> Module<T> for Upsample {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for Upsample {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.interpolate(&self.options)
    }
}

/// Images in another size, by the entries before: `[N, C, H, W] -> [N, C, H', W']`
/// ([torch.nn.UpsamplingNearest2d]).
///
/// [torch.nn.UpsamplingNearest2d]: https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
#[derive(Clone, Debug)]
pub struct UpsamplingNearest2d {
    options: InterpolateOptions,
}

impl UpsamplingNearest2d {
    /// To this size or by this factor.
    pub fn new(to: InterpolateTo) -> Self {
        Self { options: InterpolateOptions { to, mode: InterpolateMode::Nearest, align_corners: false } }
    }
}

impl<T: Float> Module<T> for UpsamplingNearest2d {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for UpsamplingNearest2d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.interpolate(&self.options)
    }
}

/// Images in another size, bilinear between corners that keep their places: `[N, C, H, W] -> [N, C, H', W']`
/// ([torch.nn.UpsamplingBilinear2d]).
///
/// [torch.nn.UpsamplingBilinear2d]: https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
#[derive(Clone, Debug)]
pub struct UpsamplingBilinear2d {
    options: InterpolateOptions,
}

impl UpsamplingBilinear2d {
    /// To this size or by this factor.
    pub fn new(to: InterpolateTo) -> Self {
        Self { options: InterpolateOptions { to, mode: InterpolateMode::Bilinear, align_corners: true } }
    }
}

impl<T: Float> Module<T> for UpsamplingBilinear2d {
    fn members(&self, _: &mut Members<T>) {}
}

impl<T: Float> Layer<T> for UpsamplingBilinear2d {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.interpolate(&self.options)
    }
}
