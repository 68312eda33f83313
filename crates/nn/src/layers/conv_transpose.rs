//! The transposed convolution layers, over one, two and three dimensions.

use gradus_autograd::{ConvTransposeOptions, Param, Var};
use gradus_tensor::Float;

use crate::init;
use crate::module::{Layer, Members, Module};

/// Transposed convolution over sequences: `[N, C, L] -> [N, O, L']` or `[C, L] -> [O, L']`
/// ([torch.nn.ConvTranspose1d]).
///
/// [torch.nn.ConvTranspose1d]: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
pub type ConvTranspose1d<T = f32> = ConvTranspose<1, T>;

/// Transposed convolution over images: `[N, C, H, W] -> [N, O, H', W']` or `[C, H, W] -> [O, H', W']`
/// ([torch.nn.ConvTranspose2d]).
///
/// [torch.nn.ConvTranspose2d]: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
pub type ConvTranspose2d<T = f32> = ConvTranspose<2, T>;

/// Transposed convolution over volumes: `[N, C, D, H, W] -> [N, O, D', H', W']` or `[C, D, H, W] -> [O, D', H', W']`
/// ([torch.nn.ConvTranspose3d]).
///
/// [torch.nn.ConvTranspose3d]: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
pub type ConvTranspose3d<T = f32> = ConvTranspose<3, T>;

/// Transposed convolution over D dimensions: [`ConvTranspose1d`], [`ConvTranspose2d`] and [`ConvTranspose3d`].
///
/// With a kernel of k elements, weight `[C, O / groups, ..kernel]` and bias `[O]` start uniform in
/// `+-1 / sqrt(O / groups k)`, as PyTorch's.
#[derive(Debug)]
pub struct ConvTranspose<const D: usize, T: Float = f32> {
    /// `[C, O / groups, ..kernel]`.
    pub weight: Param<T>,
    /// `[O]`.
    pub bias: Option<Param<T>>,
    options: ConvTransposeOptions<D>,
}

impl<const D: usize, T: Float> ConvTranspose<D, T> {
    /// Kernels of `kernel_size` along every dimension, stride 1, no padding, with bias.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: usize) -> Self {
        Self::with_options(in_channels, out_channels, [kernel_size; D], ConvTransposeOptions::default())
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
        options: ConvTransposeOptions<D>,
    ) -> Self {
        let groups = options.groups;
        assert!(
            groups > 0 && in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups),
            "ConvTranspose{D}d: {in_channels} input and {out_channels} output channels cannot be cut into {groups} \
             groups"
        );
        let shape: Vec<usize> = [in_channels, out_channels / groups].into_iter().chain(kernel_size).collect();
        Self {
            weight: Param::new(init::default_weight(&shape)),
            bias: Some(Param::new(init::default_bias(out_channels, init::fan_in(&shape)))),
            options,
        }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: None, ..self }
    }

    /// The output in this size, one of those that a convolution with these options makes the input's size of (PyTorch's
    /// `output_size`).
    ///
    /// # Panics
    /// If the input does not fit, or the size is not from the smallest on, fewer than a stride above it.
    #[track_caller]
    pub fn forward_to(&self, x: &Var<T>, output_size: [usize; D]) -> Var<T> {
        let ConvTransposeOptions { stride, padding, dilation, .. } = self.options;
        let (weight, bias) = (self.weight.var(), self.bias.as_ref().map(Param::var));
        let Some(&input) = x.shape().last_chunk::<D>() else {
            panic!("ConvTranspose{D}d: input {:?} must have {D} dimensions at least", x.shape());
        };
        let smallest: [usize; D] = std::array::from_fn(|d| {
            let whole = input[d].saturating_sub(1) * stride[d] + dilation[d] * (weight.shape()[d + 2] - 1) + 1;
            whole.saturating_sub(2 * padding[d])
        });
        assert!(
            (0..D).all(|d| (smallest[d]..smallest[d] + stride[d].max(dilation[d])).contains(&output_size[d])),
            "ConvTranspose{D}d: output size {output_size:?} must be at least {smallest:?}, fewer than stride \
             {stride:?} or dilation {dilation:?} above it, for input {:?}",
            x.shape()
        );
        let output_padding = std::array::from_fn(|d| output_size[d] - smallest[d]);
        x.conv_transpose(&weight, bias.as_ref(), ConvTransposeOptions { output_padding, ..self.options })
    }
}

impl<const D: usize, T: Float> Module<T> for ConvTranspose<D, T> {
    fn type_name(&self) -> String {
        format!("ConvTranspose{D}d")
    }

    fn members(&self, members: &mut Members<T>) {
        members.field("weight", &self.weight);
        members.field("bias", &self.bias);
    }
}

impl<const D: usize, T: Float> Layer<T> for ConvTranspose<D, T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.conv_transpose(&self.weight.var(), self.bias.as_ref().map(Param::var).as_ref(), self.options)
    }
}
