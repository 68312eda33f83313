//! Convolution over one, two or three dimensions. One dimension is an image of height 1; three are images whose
//! channels are those of all the depths that a window sees.

use gradus_tensor::{Activation, Conv2dOptions, Float};

use crate::ops::shape::pad::PadMode;
use crate::ops::window::conv2d::correlate;
use crate::ops::window::windows::{count, unfolding};
use crate::var::Var;

/// Zeros around the input of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvPadding<const D: usize> {
    /// This many on both sides of each dimension.
    Zeros([usize; D]),
    /// As many as keep the size, with the larger half after the input where their number is odd; for stride 1.
    Same,
    /// None.
    Valid,
}

impl<const D: usize> From<[usize; D]> for ConvPadding<D> {
    fn from(padding: [usize; D]) -> Self {
        Self::Zeros(padding)
    }
}

impl<const D: usize> ConvPadding<D> {
    /// The zeros `[before, after]` of each dimension, for a window of that size.
    pub fn sides(self, kernel_size: [usize; D], dilation: [usize; D]) -> [[usize; 2]; D] {
        std::array::from_fn(|d| match self {
            Self::Zeros(padding) => [padding[d]; 2],
            Self::Same => {
                let total = dilation[d] * (kernel_size[d] - 1);
                [total / 2, total - total / 2]
            }
            Self::Valid => [0; 2],
        })
    }
}

/// How a convolution's window moves over D dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvOptions<const D: usize> {
    /// Steps between windows.
    pub stride: [usize; D],
    /// Zeros around the input.
    pub padding: ConvPadding<D>,
    /// Steps between the elements of a window.
    pub dilation: [usize; D],
    /// Channels are cut into this many groups that do not see each other.
    pub groups: usize,
}

/// Stride 1, no padding, dilation 1, one group.
impl<const D: usize> Default for ConvOptions<D> {
    fn default() -> Self {
        Self { stride: [1; D], padding: ConvPadding::Zeros([0; D]), dilation: [1; D], groups: 1 }
    }
}

impl From<Conv2dOptions> for ConvOptions<2> {
    fn from(options: Conv2dOptions) -> Self {
        let Conv2dOptions { stride, padding, dilation, groups } = options;
        Self { stride, padding: padding.into(), dilation, groups }
    }
}

impl<T: Float> Var<T> {
    /// Cross-correlation of sequences (PyTorch's `functional.conv1d`): `[N, C, L]` or `[C, L]`, `weight`
    /// `[O, C / groups, k]` and `bias` `[O]` give `[N, O, L']` or `[O, L']` with
    /// `L' = (L + 2 padding - dilation (k - 1) - 1) / stride + 1`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv1d(&self, weight: &Self, bias: Option<&Self>, options: ConvOptions<1>) -> Self {
        self.conv_with(weight, bias, options, Activation::Identity)
    }

    /// Cross-correlation of images (PyTorch's `functional.conv2d`): `[N, C, H, W]` or `[C, H, W]`, `weight`
    /// `[O, C / groups, kh, kw]` and `bias` `[O]` give `[N, O, H', W']` or `[O, H', W']`, in channels-last memory.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: impl Into<ConvOptions<2>>) -> Self {
        self.conv_with(weight, bias, options.into(), Activation::Identity)
    }

    /// [`conv2d`](Self::conv2d) and the activation that follows it, in one pass.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d_with(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: impl Into<ConvOptions<2>>,
        activation: Activation,
    ) -> Self {
        self.conv_with(weight, bias, options.into(), activation)
    }

    /// Cross-correlation of volumes (PyTorch's `functional.conv3d`): `[N, C, D, H, W]` or `[C, D, H, W]`, `weight`
    /// `[O, C / groups, kd, kh, kw]` and `bias` `[O]` give `[N, O, D', H', W']` or `[O, D', H', W']`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv3d(&self, weight: &Self, bias: Option<&Self>, options: ConvOptions<3>) -> Self {
        self.conv_with(weight, bias, options, Activation::Identity)
    }

    /// The convolution over D dimensions, one, two or three, and the activation that follows it, in one pass.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv_with<const D: usize>(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvOptions<D>,
        activation: Activation,
    ) -> Self {
        const { assert!(1 <= D && D <= 3, "convolutions are over one, two or three dimensions") };
        if self.shape().len() == D + 1 {
            return self.unsqueeze(0).conv_with(weight, bias, options, activation).squeeze(0);
        }
        let kernel = check_shapes::<D>(self.shape(), weight.shape(), bias.map(Self::shape), options);
        let (x, padding) = self.padded(kernel, options);
        let window = Conv2dOptions {
            stride: over_plane(options.stride, 1),
            padding: over_plane(padding, 0),
            dilation: over_plane(options.dilation, 1),
            groups: options.groups,
        };
        match D {
            1 => correlate(&x.unsqueeze(2), &weight.unsqueeze(2), bias, window, activation).squeeze(2),
            2 => correlate(&x, weight, bias, window, activation),
            _ => {
                let depths = [options.stride[0], padding[0], options.dilation[0]];
                x.correlate_volumes(weight, bias, depths, window, activation)
            }
        }
    }

    /// The input for the zeros that remain, as many on both sides.
    #[track_caller]
    fn padded<const D: usize>(&self, kernel: [usize; D], options: ConvOptions<D>) -> (Self, [usize; D]) {
        let sides = options.padding.sides(kernel, options.dilation);
        let both = sides.map(|[before, after]| before.min(after));
        let more: Vec<isize> = sides.iter().rev().flat_map(|&[before, after]| [0, (after - before) as isize]).collect();
        let uneven = more.iter().any(|&n| n > 0);
        (if uneven { self.pad(&more, PadMode::Constant(T::zero())) } else { self.clone() }, both)
    }

    /// `[N, C, D, H, W]`, where each depth of the output is an image that has the channels of all the depths it sees.
    #[track_caller]
    fn correlate_volumes(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        [stride, padding, dilation]: [usize; 3],
        window: Conv2dOptions,
        activation: Activation,
    ) -> Self {
        let (x, w) = (self.shape(), weight.shape());
        let taps = w[2];
        let [depths] = count("conv3d", [x[2]], [taps], [stride], [padding], [dilation]);
        let images = self
            .map_axis(2, &unfolding(x[2], depths, taps, [stride, padding, dilation]))
            .reshape([x[0], x[1], taps, depths, x[3], x[4]])
            .permute(&[0, 3, 1, 2, 4, 5])
            .reshape([x[0] * depths, x[1] * taps, x[3], x[4]]);
        let y = correlate(&images, &weight.reshape([w[0], w[1] * taps, w[3], w[4]]), bias, window, activation);
        let &[_, channels, height, width] = y.shape() else { unreachable!("images have four dimensions") };
        y.reshape([x[0], depths, channels, height, width]).permute(&[0, 2, 1, 3, 4])
    }
}

/// The last two of the settings of D dimensions, and `missing` for the height of a sequence.
pub(super) fn over_plane<const D: usize>(settings: [usize; D], missing: usize) -> [usize; 2] {
    if D == 1 { [missing, settings[0]] } else { [settings[D - 2], settings[D - 1]] }
}

/// The names of the dimensions of inputs and of kernels, for messages.
pub(super) const PLANES: [&str; 3] = ["L", "H, W", "D, H, W"];
pub(super) const KERNELS: [&str; 3] = ["k", "kh, kw", "kd, kh, kw"];

/// The kernel's size.
#[track_caller]
fn check_shapes<const D: usize>(
    x: &[usize],
    weight: &[usize],
    bias: Option<&[usize]>,
    options: ConvOptions<D>,
) -> [usize; D] {
    let (name, plane, window) = (["conv1d", "conv2d", "conv3d"][D - 1], PLANES[D - 1], KERNELS[D - 1]);
    assert!(
        x.len() == D + 2 && weight.len() == D + 2,
        "{name}: input {x:?} and weight {weight:?} must be [N, C, {plane}] and [O, C / groups, {window}]"
    );
    let ConvOptions { stride, padding, dilation, groups } = options;
    assert!(
        groups > 0 && x[1] == weight[1] * groups && weight[0].is_multiple_of(groups),
        "{name}: input {x:?} and weight {weight:?} do not fit {groups} groups"
    );
    assert!(
        bias.is_none_or(|bias| bias == &weight[..1]),
        "{name}: weight {weight:?} and bias {bias:?} must be [O, C / groups, {window}] and [O]"
    );
    let kernel: [usize; D] = std::array::from_fn(|d| weight[d + 2]);
    assert!(
        padding != ConvPadding::Same || stride == [1; D],
        "{name}: padding Same is for stride 1, not for {stride:?}"
    );
    assert!(kernel.iter().all(|&n| n > 0), "{name}: weight {weight:?} has no element");
    if let ConvPadding::Zeros(padding) = padding {
        count(name, std::array::from_fn(|d| x[d + 2]), kernel, stride, padding, dilation);
    } else if padding == ConvPadding::Valid {
        count(name, std::array::from_fn(|d| x[d + 2]), kernel, stride, [0; D], dilation);
    }
    kernel
}
