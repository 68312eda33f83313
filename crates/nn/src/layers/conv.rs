//! The convolution layers, over one, two and three dimensions.

use gradus_autograd::{ConvOptions, ConvPadding, PadMode, Param, Var};
use gradus_tensor::{Activation, Float};

use crate::init;
use crate::module::{Layer, Members, Module};

/// Cross-correlation over sequences: `[N, C, L] -> [N, O, L']` or `[C, L] -> [O, L']` ([torch.nn.Conv1d]).
///
/// [torch.nn.Conv1d]: https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
pub type Conv1d<T = f32> = Conv<1, T>;

/// Cross-correlation over images: `[N, C, H, W] -> [N, O, H', W']` or `[C, H, W] -> [O, H', W']` ([torch.nn.Conv2d]).
///
/// [torch.nn.Conv2d]: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
pub type Conv2d<T = f32> = Conv<2, T>;

/// Cross-correlation over volumes: `[N, C, D, H, W] -> [N, O, D', H', W']` or `[C, D, H, W] -> [O, D', H', W']`
/// ([torch.nn.Conv3d]).
///
/// [torch.nn.Conv3d]: https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
pub type Conv3d<T = f32> = Conv<3, T>;

/// Cross-correlation over D dimensions: [`Conv1d`], [`Conv2d`] and [`Conv3d`].
///
/// With a kernel of k elements, weight `[O, C / groups, ..kernel]` and bias `[O]` start uniform in
/// `+-1 / sqrt(C / groups k)`.
#[derive(Debug)]
pub struct Conv<const D: usize, T: Float = f32> {
    /// `[O, C / groups, ..kernel]`.
    pub weight: Param<T>,
    /// `[O]`.
    pub bias: Option<Param<T>>,
    options: ConvOptions<D>,
    padding_mode: PadMode<T>,
}

impl<const D: usize, T: Float> Conv<D, T> {
    /// Kernels of `kernel_size` along every dimension, stride 1, no padding, with bias.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: usize) -> Self {
        Self::with_options(in_channels, out_channels, [kernel_size; D], ConvOptions::default())
    }

    /// Any kernel, stride, padding, dilation and groups, with bias; sizes stand in the order of the dimensions.
    ///
    /// # Panics
    /// If the channels cannot be cut into the groups.
    #[track_caller]
    pub fn with_options(
        in_channels: usize,
        out_channels: usize,
        kernel_size: [usize; D],
        options: impl Into<ConvOptions<D>>,
    ) -> Self {
        let options = options.into();
        let groups = options.groups;
        assert!(
            groups > 0 && in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups),
            "Conv{D}d: {in_channels} input and {out_channels} output channels cannot be cut into {groups} groups"
        );
        let shape: Vec<usize> = [out_channels, in_channels / groups].into_iter().chain(kernel_size).collect();
        Self {
            weight: Param::new(init::default_weight(&shape)),
            bias: Some(Param::new(init::default_bias(out_channels, init::fan_in(&shape)))),
            options,
            padding_mode: PadMode::Constant(T::zero()),
        }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// The layer with this filling of the padding instead of zeros (PyTorch's `padding_mode`).
    #[must_use]
    pub fn with_padding_mode(self, padding_mode: PadMode<T>) -> Self {
        Self { padding_mode, ..self }
    }

    /// The output after `activation`, in one pass.
    #[track_caller]
    pub fn forward_fused(&self, x: &Var<T>, activation: Activation) -> Var<T> {
        let (weight, bias) = (self.weight.var(), self.bias.as_ref().map(Param::var));
        if self.padding_mode == PadMode::Constant(T::zero()) {
            return x.conv_with(&weight, bias.as_ref(), self.options, activation);
        }
        let kernel_size = std::array::from_fn(|d| weight.shape()[d + 2]);
        let sides = self.options.padding.sides(kernel_size, self.options.dilation);
        let padding: Vec<isize> = sides.iter().rev().flatten().map(|&n| n as isize).collect();
        let options = ConvOptions { padding: ConvPadding::Valid, ..self.options };
        x.pad(&padding, self.padding_mode).conv_with(&weight, bias.as_ref(), options, activation)
    }
}

impl<const D: usize, T: Float> Module<T> for Conv<D, T> {
    fn type_name(&self) -> String {
        format!("Conv{D}d")
    }

    fn members(&self, members: &mut Members<T>) {
        members.field("weight", &self.weight);
        members.field("bias", &self.bias);
    }
}

impl<const D: usize, T: Float> Layer<T> for Conv<D, T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_fused(x, Activation::Identity)
    }

    #[track_caller]
    fn forward_activated(&self, x: &Var<T>, activation: Activation) -> Option<Var<T>> {
        Some(self.forward_fused(x, activation))
    }
}
