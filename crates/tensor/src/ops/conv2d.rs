//! Two-dimensional convolution and both its gradients.

use crate::element::Float;
use crate::kernels::columns;
use crate::kernels::conv::{self, Conv2d};
use crate::kernels::gemm::{Activation, Epilogue};
use crate::kernels::window::Window2d;
use crate::tensor::Tensor;

/// How a convolution's window moves; each pair is `[height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dOptions {
    /// Steps between windows.
    pub stride: [usize; 2],
    /// Zeros on each side of the image.
    pub padding: [usize; 2],
    /// Steps between the elements of a window.
    pub dilation: [usize; 2],
    /// Channels are cut into this many groups that do not see each other.
    pub groups: usize,
}

/// Stride 1, no padding, dilation 1, one group.
impl Default for Conv2dOptions {
    fn default() -> Self {
        Self { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 }
    }
}

impl<T: Float> Tensor<T> {
    /// Cross-correlation, as `torch.nn.functional.conv2d`. The result lies in channels-last memory, and is computed
    /// from such memory: an input in another order is copied first.
    ///
    /// With images N, input channels C, output channels O, groups G: `[N, C, H, W]`, `weight` of `[O, C / G, kh, kw]`
    /// and `bias` of `[O]` give `[N, O, H', W']` with `H' = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d(&self, weight: &Self, bias: Option<&Self>, options: Conv2dOptions) -> Self {
        self.conv2d_with(weight, bias, options, Activation::Identity)
    }

    /// `activation(conv2d(x, weight) + bias)` in one pass: [`conv2d`](Self::conv2d) and what follows it.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d_with(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        options: Conv2dOptions,
        activation: Activation,
    ) -> Self {
        let conv = sizes("conv2d", self.shape(), weight.shape(), options);
        assert!(
            bias.is_none_or(|bias| bias.shape() == &weight.shape()[..1]),
            "conv2d: weight {:?} and bias {:?} must be [O, C / groups, kh, kw] and [O]",
            weight.shape(),
            bias.map(Self::shape)
        );
        let (x, w, bias) = (self.to_channels_last(), weight.row_major(), bias.map(Self::row_major));
        let epilogue = Epilogue { bias: bias.as_deref(), activation };
        Self::build_channels_last(output_shape(&conv), |y| {
            conv::forward(y, x.pixels(), &w, epilogue, &conv);
        })
    }

    /// The gradient of [`conv2d`](Self::conv2d) with respect to its input of `input_shape`, from this gradient of its
    /// output: `[N, O, H', W'] -> [N, C, H, W]`, in channels-last memory.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d_input_gradient(&self, weight: &Self, input_shape: &[usize], options: Conv2dOptions) -> Self {
        let conv = sizes("conv2d_input_gradient", input_shape, weight.shape(), options);
        check_output("conv2d_input_gradient", self.shape(), &conv);
        let (dy, w) = (self.to_channels_last(), weight.row_major());
        let [height, width] = conv.window.input;
        Self::build_channels_last([conv.images, conv.groups * conv.channels_in, height, width], |dx| {
            conv::input_gradient(dx, dy.pixels(), &w, &conv);
        })
    }

    /// The gradient of [`conv2d`](Self::conv2d) with respect to its weight of `weight_shape`, from its input and this
    /// gradient of its output: `[N, O, H', W'] -> [O, C / G, kh, kw]`.
    ///
    /// # Panics
    /// If shapes or options do not fit.
    #[track_caller]
    pub fn conv2d_weight_gradient(&self, input: &Self, weight_shape: &[usize], options: Conv2dOptions) -> Self {
        let conv = sizes("conv2d_weight_gradient", input.shape(), weight_shape, options);
        check_output("conv2d_weight_gradient", self.shape(), &conv);
        if self.numel() == 0 {
            return Self::zeros(weight_shape);
        }
        let (x, dy) = (input.to_channels_last(), self.to_channels_last());
        Self::build(weight_shape, |dw| {
            conv::weight_gradient(dw, x.pixels(), dy.pixels(), &conv);
        })
    }

    /// The gradient of [`conv2d`](Self::conv2d) with respect to its bias, from this gradient of its output: the sum
    /// over images and places, `[N, O, H', W'] -> [O]`.
    ///
    /// # Panics
    /// If there are not four dimensions.
    #[track_caller]
    pub fn conv2d_bias_gradient(&self) -> Self {
        let &[_, channels, _, _] = self.shape() else {
            panic!("conv2d_bias_gradient: a gradient of shape {:?} must be [N, O, H', W']", self.shape());
        };
        if self.numel() == 0 {
            return Self::zeros([channels]);
        }
        let dy = self.to_channels_last();
        Self::build(&[channels], |db| columns::sum(db, dy.pixels()))
    }

    /// The elements of a tensor in channels-last memory, in the order N, H, W, C.
    fn pixels(&self) -> &[T] {
        self.channels_last_slice().expect("to_channels_last made it so")
    }
}

#[track_caller]
fn sizes(operation: &str, input: &[usize], weight: &[usize], options: Conv2dOptions) -> Conv2d {
    let (&[images, channels, height, width], &[out, per_group, kh, kw]) = (input, weight) else {
        panic!("{operation}: input {input:?} and weight {weight:?} must be [N, C, H, W] and [O, C / groups, kh, kw]");
    };
    let groups = options.groups;
    assert!(
        groups > 0 && channels == per_group * groups && out.is_multiple_of(groups),
        "{operation}: input {input:?} and weight {weight:?} do not fit {groups} groups"
    );
    let Conv2dOptions { stride, padding, dilation, .. } = options;
    let window = Window2d::new(operation, [height, width], [kh, kw], stride, padding, dilation);
    Conv2d { images, groups, channels_in: per_group, channels_out: out / groups, window }
}

fn output_shape(conv: &Conv2d) -> [usize; 4] {
    let [height, width] = conv.window.output;
    [conv.images, conv.groups * conv.channels_out, height, width]
}

#[track_caller]
fn check_output(operation: &str, gradient: &[usize], conv: &Conv2d) {
    let want = output_shape(conv);
    assert!(gradient == want, "{operation}: the output's gradient has shape {gradient:?}, the output {want:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven loops, straight from the definition.
    fn naive(x: &Tensor<f64>, w: &Tensor<f64>, y_shape: &[usize], o: Conv2dOptions) -> Tensor<f64> {
        let (out_per_group, [channels, height, width]) = (w.size(0) / o.groups, [1, 2, 3].map(|d| x.size(d)));
        let [per_group, kernel_height, kernel_width] = [1, 2, 3].map(|d| w.size(d));
        let (x, w) = (x.to_vec(), w.to_vec());
        let mut y = Vec::new();
        for (n, out) in (0..y_shape[0]).flat_map(|n| (0..y_shape[1]).map(move |out| (n, out))) {
            for (i, j) in (0..y_shape[2]).flat_map(|i| (0..y_shape[3]).map(move |j| (i, j))) {
                let mut sum = 0.0;
                for c in 0..per_group {
                    let plane = (n * channels + out / out_per_group * per_group + c) * height * width;
                    for (ki, kj) in (0..kernel_height).flat_map(|a| (0..kernel_width).map(move |b| (a, b))) {
                        let row = (i * o.stride[0] + ki * o.dilation[0]).wrapping_sub(o.padding[0]);
                        let column = (j * o.stride[1] + kj * o.dilation[1]).wrapping_sub(o.padding[1]);
                        if row < height && column < width {
                            let weight = w[((out * per_group + c) * kernel_height + ki) * kernel_width + kj];
                            sum += x[plane + row * width + column] * weight;
                        }
                    }
                }
                y.push(sum);
            }
        }
        Tensor::from_vec(y, y_shape)
    }

    /// The numbers are small integers, so both floats are exact.
    #[test]
    #[cfg_attr(miri, ignore = "hours; the test below has the same kernels at sizes for it")]
    fn both_floats_give_the_same_for_shapes_of_all_kinds() {
        let mut state = 1u64;
        let mut draw = |from: usize, to: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            from + (state >> 33) as usize % (to - from + 1)
        };
        for _ in 0..10_000 {
            let groups = [1, 1, 1, 2, 5, 17][draw(0, 5)];
            let (channels, out) = match draw(0, 3) {
                0 => (groups, groups),
                _ => (groups * draw(1, 19), groups * draw(1, 37)),
            };
            let kernel = [draw(1, 4), draw(1, 4)];
            let o = Conv2dOptions {
                stride: [draw(1, 4), draw(1, 4)],
                padding: [draw(0, 3), draw(0, 3)],
                dilation: [draw(1, 3), draw(1, 3)],
                groups,
            };
            let size = [0, 1].map(|d| draw(0, 12) + (kernel[d] - 1) * o.dilation[d] + 1);
            let shapes = [[draw(1, 4), channels, size[0], size[1]], [out, channels / groups, kernel[0], kernel[1]]];
            let make = |shape: &[usize], seed: usize| Tensor::from_fn(shape, |i| ((i * 31 + seed) % 13) as f64 - 6.0);
            let (x, w) = (make(&shapes[0], 1), make(&shapes[1], 2));
            let (y, case) = (x.conv2d(&w, None, o), format!("{shapes:?} with {o:?}"));
            assert_eq!(y, naive(&x, &w, y.shape(), o), "{case}");
            let (dy, single) = (make(y.shape(), 3), |x: &Tensor<f64>| x.cast::<f32>());
            let (x4, w4, dy4) = (single(&x), single(&w), single(&dy));
            assert_eq!(x4.conv2d(&w4, None, o), single(&y), "{case}");
            let dx = dy.conv2d_input_gradient(&w, x.shape(), o);
            assert_eq!(dy4.conv2d_input_gradient(&w4, x.shape(), o), single(&dx), "input gradient, {case}");
            let dw = dy.conv2d_weight_gradient(&x, w.shape(), o);
            assert_eq!(dy4.conv2d_weight_gradient(&x4, w.shape(), o), single(&dw), "weight gradient, {case}");
            let dot = |a: &Tensor<f64>, b: &Tensor<f64>| (a * b).sum().item();
            assert_eq!([dot(&dx, &x), dot(&dw, &w)], [dot(&dy, &y); 2], "{case}");
            assert_eq!(dy4.conv2d_bias_gradient(), single(&dy.sum_dims(&[0, 2, 3], false)), "bias gradient, {case}");
        }
    }

    /// Forward against the loops; the gradients by the identity `<dy, conv(x, w)> = <dx, x> = <dw, w>`, which holds
    /// because a convolution is linear in each operand.
    #[test]
    fn convolution_and_gradients_equal_the_definition() {
        let make = |shape: &[usize], seed: usize| Tensor::from_fn(shape, |i| ((i * 31 + seed) % 13) as f64 - 6.0);
        let dot = |a: &Tensor<f64>, b: &Tensor<f64>| (a * b).sum().item();
        let options = |stride, padding, dilation, groups| Conv2dOptions { stride, padding, dilation, groups };
        for (x, w, o) in [
            ([1, 1, 3, 3], [1, 1, 3, 3], Conv2dOptions::default()),
            ([2, 3, 7, 5], [4, 3, 3, 2], Conv2dOptions::default()),
            ([2, 2, 6, 7], [2, 2, 3, 3], options([2, 3], [1, 2], [1, 1], 1)),
            ([1, 2, 9, 9], [3, 2, 3, 2], options([2, 1], [2, 0], [2, 3], 1)),
            ([3, 4, 5, 5], [6, 2, 2, 2], options([1, 1], [1, 1], [1, 1], 2)),
            ([9, 3, 4, 4], [3, 1, 3, 3], options([1, 2], [1, 1], [1, 1], 3)),
            ([1, 1, 2, 2], [1, 1, 1, 5], options([1, 1], [0, 4], [1, 2], 1)),
            ([17, 2, 5, 5], [8, 2, 1, 1], options([2, 2], [0, 0], [1, 1], 1)),
            ([2, 3, 9, 8], [4, 3, 3, 3], options([3, 4], [1, 0], [2, 2], 1)),
            ([2, 5, 7, 7], [37, 5, 3, 3], options([2, 2], [1, 1], [1, 1], 1)),
            ([1, 2, 6, 6], [3, 2, 2, 2], options([1, 1], [3, 3], [1, 1], 1)),
            ([2, 8, 6, 5], [16, 1, 3, 3], options([2, 1], [1, 1], [1, 1], 8)),
            ([2, 1, 12, 12], [3, 1, 5, 5], options([4, 4], [2, 2], [1, 1], 1)),
            ([1, 6, 3, 4], [4, 3, 3, 4], options([5, 5], [1, 1], [1, 1], 2)),
            // Input places that no kernel element reaches, in a part of rows that begins behind the outputs too.
            ([1, 64, 9, 200], [64, 64, 3, 1], options([2, 1], [0, 1], [4, 1], 1)),
            ([2, 16, 8, 16], [16, 1, 1, 1], options([2, 4], [0, 0], [1, 1], 16)),
            ([2, 16, 8, 9], [16, 1, 3, 3], options([4, 4], [1, 1], [1, 1], 16)),
            ([2, 3, 12, 9], [3, 1, 2, 3], options([2, 2], [1, 1], [2, 2], 3)),
        ] {
            let (x, w) = (make(&x, 0), make(&w, 5));
            if cfg!(miri) && x.numel() * w.numel() > 3000 {
                continue;
            }
            let y = x.conv2d(&w, None, o);
            assert_eq!(y, naive(&x, &w, y.shape(), o), "{:?} * {:?} with {o:?}", x.shape(), w.shape());
            let bias = make(&[w.size(0)], 2);
            let with_bias = &y + &bias.reshape([w.size(0), 1, 1]);
            let rectified = x.conv2d_with(&w, Some(&bias), o, Activation::Relu);
            assert_eq!(rectified, with_bias.relu(), "{:?} * {:?} with bias", x.shape(), w.shape());
            assert_eq!(x.conv2d(&w, Some(&bias), o), with_bias, "{:?} * {:?} with bias", x.shape(), w.shape());
            let dy = make(y.shape(), 3);
            let dx = dy.conv2d_input_gradient(&w, x.shape(), o);
            let dw = dy.conv2d_weight_gradient(&x, w.shape(), o);
            assert_eq!(dot(&dx, &x), dot(&dy, &y), "input gradient, {:?} * {:?} with {o:?}", x.shape(), w.shape());
            assert_eq!(dy.conv2d_bias_gradient(), dy.sum_dims(&[0, 2, 3], false));
            assert_eq!(dot(&dw, &w), dot(&dy, &y), "weight gradient, {:?} * {:?} with {o:?}", x.shape(), w.shape());
            let other = make(x.shape(), 8);
            assert_eq!(dot(&dx, &other), dot(&dy, &other.conv2d(&w, None, o)), "input gradient against another input");
        }
    }

    #[test]
    #[should_panic(expected = "conv2d: input [1, 3, 8, 8] and weight [4, 2, 3, 3] do not fit 1 groups")]
    fn channels_must_agree() {
        Tensor::<f32>::zeros([1, 3, 8, 8]).conv2d(&Tensor::zeros([4, 2, 3, 3]), None, Conv2dOptions::default());
    }

    #[test]
    #[should_panic(
        expected = "conv2d: kernel [3, 3] (dilation [1, 1]) is larger than input [2, 2] with padding [0, 0]"
    )]
    fn the_kernel_must_fit_the_image() {
        Tensor::<f32>::zeros([1, 1, 2, 2]).conv2d(&Tensor::zeros([1, 1, 3, 3]), None, Conv2dOptions::default());
    }
}
