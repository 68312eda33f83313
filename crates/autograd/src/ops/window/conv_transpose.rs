//! Transposed convolution: the gradient of a convolution with respect to its input, as a layer of its own.

use gradus_tensor::{Conv2dOptions, Dims, Float};

use crate::ops::shape::pad::PadMode;
use crate::ops::window::conv::{KERNELS, PLANES, over_plane};
use crate::ops::window::conv2d::input_gradient;
use crate::ops::window::windows::unfolding;
use crate::var::Var;

/// How the window of a transposed convolution moves over D dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTransposeOptions<const D: usize> {
    /// Steps between windows in the output.
    pub stride: [usize; D],
    /// Entries of the output that are cut off on both sides.
    pub padding: [usize; D],
    /// Entries added after the output; smaller than stride or dilation.
    pub output_padding: [usize; D],
    /// Steps between the elements of a window.
    pub dilation: [usize; D],
    /// Channels are cut into this many groups that do not see each other.
    pub groups: usize,
}

/// Stride 1, no padding, dilation 1, one group.
impl<const D: usize> Default for ConvTransposeOptions<D> {
    fn default() -> Self {
        Self { stride: [1; D], padding: [0; D], output_padding: [0; D], dilation: [1; D], groups: 1 }
    }
}

impl<T: Float> Var<T> {
    /// The transpose of [`conv1d`](Self::conv1d) (PyTorch's `functional.conv_transpose1d`): `[N, C, L]` or `[C, L]`,
    /// `weight` `[C, O / groups, k]` and `bias` `[O]` give `[N, O, L']` or `[O, L']` with
    /// `L' = (L - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv_transpose1d(&self, weight: &Self, bias: Option<&Self>, options: ConvTransposeOptions<1>) -> Self {
        self.conv_transpose(weight, bias, options)
    }

    /// The transpose of [`conv2d`](Self::conv2d) (PyTorch's `functional.conv_transpose2d`), as
    /// [`conv_transpose1d`](Self::conv_transpose1d) for images.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv_transpose2d(&self, weight: &Self, bias: Option<&Self>, options: ConvTransposeOptions<2>) -> Self {
        self.conv_transpose(weight, bias, options)
    }

    /// The transpose of [`conv3d`](Self::conv3d) (PyTorch's `functional.conv_transpose3d`), as
    /// [`conv_transpose1d`](Self::conv_transpose1d) for volumes.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv_transpose3d(&self, weight: &Self, bias: Option<&Self>, options: ConvTransposeOptions<3>) -> Self {
        self.conv_transpose(weight, bias, options)
    }

    /// The transposed convolution over D dimensions, one, two or three.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv_transpose<const D: usize>(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: ConvTransposeOptions<D>,
    ) -> Self {
        const { assert!(1 <= D && D <= 3, "convolutions are over one, two or three dimensions") };
        if self.shape().len() == D + 1 {
            return self.unsqueeze(0).conv_transpose(weight, bias, options).squeeze(0);
        }
        let output = check_shapes(self.shape(), weight.shape(), bias.map(Self::shape), options);
        let x = self.with_windows_for(options);
        let window = Conv2dOptions {
            stride: over_plane(options.stride, 1),
            padding: over_plane(options.padding, 0),
            dilation: over_plane(options.dilation, 1),
            groups: options.groups,
        };
        let channels = weight.shape()[1] * options.groups;
        let [height, width] = over_plane(output, 1);
        let y = match D {
            1 | 2 => {
                let shape = [x.shape()[0], channels, height, width];
                let flat = |x: &Self| if D == 1 { x.unsqueeze(2) } else { x.clone() };
                let y = input_gradient(&flat(&x), &flat(weight), &shape, window);
                if D == 1 { y.squeeze(2) } else { y }
            }
            _ => {
                let depths = [options.stride[0], options.padding[0], options.dilation[0]];
                x.spread_volumes(weight, [output[0], height, width], depths, window)
            }
        };
        let Some(bias) = bias else { return y };
        let shape: Dims = [channels].into_iter().chain([1; D]).collect();
        &y + &bias.reshape(shape)
    }

    /// The input with zeros for the windows that only the output's padding reaches.
    fn with_windows_for<const D: usize>(&self, options: ConvTransposeOptions<D>) -> Self {
        let more = |d: usize| (options.output_padding[d] / options.stride[d]) as isize;
        let padding: Vec<isize> = (0..D).rev().flat_map(|d| [0, more(d)]).collect();
        let needed = padding.iter().any(|&n| n > 0);
        if needed { self.pad(&padding, PadMode::Constant(T::zero())) } else { self.clone() }
    }

    /// `[N, C, D, H, W]`: each depth is an image, whose channels are spread over the depths that its window covers.
    #[track_caller]
    fn spread_volumes(
        &self,
        weight: &Self,
        [depth, height, width]: [usize; 3],
        [stride, padding, dilation]: [usize; 3],
        window: Conv2dOptions,
    ) -> Self {
        let (x, w) = (self.shape(), weight.shape());
        let (depths, taps, channels) = (x[2], w[2], w[1] * window.groups);
        let images = self.permute(&[0, 2, 1, 3, 4]).reshape([x[0] * depths, x[1], x[3], x[4]]);
        let weight = weight.reshape([w[0], w[1] * taps, w[3], w[4]]);
        let shape = [x[0] * depths, channels * taps, height, width];
        input_gradient(&images, &weight, &shape, window)
            .reshape([x[0], depths, channels, taps, height, width])
            .permute(&[0, 2, 3, 1, 4, 5])
            .reshape([x[0], channels, taps * depths, height, width])
            .map_axis(2, &unfolding(depth, depths, taps, [stride, padding, dilation]).transposed())
    }
}

/// The output's size.
#[track_caller]
fn check_shapes<const D: usize>(
    x: &[usize],
    weight: &[usize],
    bias: Option<&[usize]>,
    options: ConvTransposeOptions<D>,
) -> [usize; D] {
    let name = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"][D - 1];
    let (plane, window) = (PLANES[D - 1], KERNELS[D - 1]);
    assert!(
        x.len() == D + 2 && weight.len() == D + 2,
        "{name}: input {x:?} and weight {weight:?} must be [N, C, {plane}] and [C, O / groups, {window}]"
    );
    let ConvTransposeOptions { stride, padding, output_padding, dilation, groups } = options;
    assert!(
        groups > 0 && x[1] == weight[0] && x[1].is_multiple_of(groups),
        "{name}: input {x:?} and weight {weight:?} do not fit {groups} groups"
    );
    assert!(
        bias.is_none_or(|bias| bias == [weight[1] * groups]),
        "{name}: weight {weight:?} and bias {bias:?} must be [C, O / groups, {window}] and [O], for {groups} groups"
    );
    let (input, kernel) = (&x[2..], &weight[2..]);
    assert!(
        [&stride[..], &dilation, kernel, input].iter().all(|sizes| sizes.iter().all(|&n| n > 0)),
        "{name}: input {input:?}, kernel {kernel:?}, stride {stride:?} and dilation {dilation:?} must be positive"
    );
    assert!(
        (0..D).all(|d| output_padding[d] < stride[d].max(dilation[d])),
        "{name}: output_padding {output_padding:?} must be smaller than stride {stride:?} or dilation {dilation:?}"
    );
    let whole = |d: usize| (input[d] - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + output_padding[d] + 1;
    assert!(
        (0..D).all(|d| whole(d) > 2 * padding[d]),
        "{name}: padding {padding:?} leaves nothing of input {input:?} under kernel {kernel:?}"
    );
    std::array::from_fn(|d| whole(d) - 2 * padding[d])
}
