//! The two-dimensional convolution layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Conv2dOptions, Float};

use crate::init;
use crate::module::Layer;

/// Cross-correlation over images: `[N, C, H, W] -> [N, O, H', W']` ([torch.nn.Conv2d]).
///
/// Weight `[O, C / groups, kh, kw]` and bias `[O]` start uniform in `+-1 / sqrt(C / groups kh kw)`. Padding is with
/// zeros.
///
/// [torch.nn.Conv2d]: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
#[derive(Debug, crate::Module)]
pub struct Conv2d<T: Float = f32> {
    /// `[O, C / groups, kh, kw]`.
    pub weight: Param<T>,
    /// `[O]`.
    pub bias: Option<Param<T>>,
    #[module(skip)]
    options: Conv2dOptions,
}

impl<T: Float> Conv2d<T> {
    /// Square kernels of `kernel_size`, stride 1, no padding, with bias.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: usize) -> Self {
        Self::with_options(in_channels, out_channels, [kernel_size; 2], Conv2dOptions::default())
    }

    /// Any kernel `[height, width]`, stride, padding, dilation and groups, with bias.
    ///
    /// # Panics
    /// If the channels cannot be cut into the groups.
    #[track_caller]
    pub fn with_options(
        in_channels: usize,
        out_channels: usize,
        kernel_size: [usize; 2],
        options: Conv2dOptions,
    ) -> Self {
        let groups = options.groups;
        assert!(
            groups > 0 && in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups),
            "Conv2d: {in_channels} input and {out_channels} output channels cannot be cut into {groups} groups"
        );
        let shape = [out_channels, in_channels / groups, kernel_size[0], kernel_size[1]];
        Self {
            weight: Param::new(init::default_weight(shape)),
            bias: Some(Param::new(init::default_bias(out_channels, init::fan_in(&shape)))),
            options,
        }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// The output after `activation`, in one pass.
    #[track_caller]
    pub fn forward_fused(&self, x: &Var<T>, activation: Activation) -> Var<T> {
        let bias = self.bias.as_ref().map(Param::var);
        x.conv2d_with(&self.weight.var(), bias.as_ref(), self.options, activation)
    }
}

impl<T: Float> Layer<T> for Conv2d<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_fused(x, Activation::Identity)
    }

    #[track_caller]
    fn forward_activated(&self, x: &Var<T>, activation: Activation) -> Option<Var<T>> {
        Some(self.forward_fused(x, activation))
    }
}
