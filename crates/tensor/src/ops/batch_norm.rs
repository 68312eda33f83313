//! Batch normalisation of channels, and its gradient. The output lies in memory as the input does.

use crate::element::Float;
use crate::kernels::batch_norm::{self as kernel, Order};
use crate::kernels::gemm::Activation;
use crate::shape::numel;
use crate::tensor::Tensor;

/// Mean and variance of every channel of a batch `[N, C, ..]`.
#[derive(Clone, Debug)]
pub struct ChannelMoments<T: Float = f32> {
    /// `[C]`.
    pub mean: Tensor<T>,
    /// `[C]`: the mean of the squared differences from the mean.
    pub variance: Tensor<T>,
}

/// How [`Tensor::batch_norm`] normalises, and what it does after that.
#[derive(Clone, Copy, Debug)]
pub struct BatchNormOptions<'a, T: Float = f32> {
    /// `[C]`; 1 without.
    pub weight: Option<&'a Tensor<T>>,
    /// `[C]`; 0 without.
    pub bias: Option<&'a Tensor<T>>,
    /// Added to the variance.
    pub eps: f64,
    /// Of the input's shape, added to what is normalised.
    pub residual: Option<&'a Tensor<T>>,
    /// Applied at the end.
    pub activation: Activation,
}

/// What [`Tensor::batch_norm_gradient`] is computed from.
#[derive(Clone, Copy, Debug)]
pub struct BatchNormBackward<'a, T: Float = f32> {
    /// The gradient of the output.
    pub gradient: &'a Tensor<T>,
    /// The output, where the rectifier was the activation: no gradient flows where it is not positive.
    pub rectified: Option<&'a Tensor<T>>,
    /// What the forward pass normalised by.
    pub moments: &'a ChannelMoments<T>,
    /// Whether these are the moments of the input itself, through which a gradient flows too.
    pub of_batch: bool,
    /// `[C]`; 1 without.
    pub weight: Option<&'a Tensor<T>>,
    /// Added to the variance.
    pub eps: f64,
    /// Whether the gradient of a residual is asked for.
    pub residual: bool,
}

/// The gradients of [`Tensor::batch_norm`].
#[derive(Clone, Debug)]
pub struct BatchNormGradients<T: Float = f32> {
    /// Of the input.
    pub x: Tensor<T>,
    /// Of the weight, `[C]`.
    pub weight: Tensor<T>,
    /// Of the bias, `[C]`.
    pub bias: Tensor<T>,
    /// Of the residual, where it was asked for.
    pub residual: Option<Tensor<T>>,
}

impl<T: Float> Tensor<T> {
    /// Mean and variance of each channel of this batch `[N, C, ..]`, NaN of no elements.
    ///
    /// # Panics
    /// If there are fewer than two dimensions.
    #[track_caller]
    pub fn channel_moments(&self) -> ChannelMoments<T> {
        let (x, order) = in_order("channel_moments", self);
        let channels = self.shape()[1];
        let [mut mean, mut variance] = [0, 1].map(|_| Self::full([channels], T::nan()));
        if self.numel() > 0 {
            kernel::moments(mean.as_mut_slice(), variance.as_mut_slice(), elements(&x), order);
        }
        ChannelMoments { mean, variance }
    }

    /// `activation((x - mean) / sqrt(variance + eps) * weight + bias (+ residual))` of this batch `[N, C, ..]`, by
    /// channel, in one pass (Ioffe and Szegedy, arXiv:1502.03167).
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn batch_norm(&self, moments: &ChannelMoments<T>, options: BatchNormOptions<'_, T>) -> Self {
        let BatchNormOptions { weight, bias, eps, residual, activation } = options;
        let channels =
            check("batch_norm", self, &[Some(&moments.mean), Some(&moments.variance), weight, bias], residual);
        let (x, order) = in_order("batch_norm", self);
        let residual = residual.map(|residual| lying_as(&x, residual));
        let scale = scales(moments, weight, eps);
        let (mean, shift) = (moments.mean.row_major(), or_full(bias, channels, T::zero()));
        Self::build_like(&x, |out| {
            let affine = kernel::Affine { mean: &mean, scale: &scale, shift: &shift };
            let residual = residual.as_ref().map(elements);
            kernel::normalise(out, elements(&x), residual, affine, activation == Activation::Relu, order);
        })
    }

    /// The gradients of [`batch_norm`](Self::batch_norm) of this tensor, in two passes: sums by channel, and the rest.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn batch_norm_gradient(&self, backward: BatchNormBackward<'_, T>) -> BatchNormGradients<T> {
        let BatchNormBackward { gradient, rectified, moments, of_batch, weight, eps, residual } = backward;
        let affine = [Some(&moments.mean), Some(&moments.variance), weight];
        let channels = check("batch_norm_gradient", self, &affine, Some(gradient));
        if let Some(output) = rectified {
            assert!(
                output.shape() == self.shape(),
                "batch_norm_gradient: input {:?}, but an output of shape {:?}",
                self.shape(),
                output.shape()
            );
        }
        let (x, order) = in_order("batch_norm_gradient", self);
        let (gradient, rectified) = (lying_as(&x, gradient), rectified.map(|y| lying_as(&x, y)));
        let (x, rectified) = (&x, rectified.as_ref());
        let upstream =
            kernel::Upstream { x: elements(x), gradient: elements(&gradient), rectified: rectified.map(elements) };
        let (mean, scale) = (moments.mean.row_major(), scales(moments, weight, eps));
        let sums =
            if self.numel() > 0 { kernel::gradient_sums(upstream, &mean, order) } else { vec![[0.0; 2]; channels] };
        let variances = moments.variance.row_major();
        let rstd = |c: usize| inverse_deviation(variances[c], eps);
        // With n = (x - mean) rstd: dx = scale (g - mean(g) - n mean(g n)); without the means where the moments are
        // given.
        let share = if of_batch { channels as f64 / self.numel() as f64 } else { 0.0 };
        let slope = |c: usize| T::from_f64(-scale[c].as_() * rstd(c) * rstd(c) * sums[c][1] * share);
        let shift = |c: usize| T::from_f64(-scale[c].as_() * sums[c][0] * share);
        let [slope, shift]: [Vec<T>; 2] = [(0..channels).map(slope).collect(), (0..channels).map(shift).collect()];
        let backward = kernel::Backward { mean: &mean, scale: &scale, slope: &slope, shift: &shift };
        // Without the rectifier the residual's gradient is that of the output.
        let mut before_relu = (residual && rectified.is_some()).then(|| Self::build_like(x, |out| out.fill(T::zero())));
        let dx = Self::build_like(x, |dx| {
            let before_relu = before_relu.as_mut().and_then(Self::dense_slice_mut);
            kernel::gradient(dx, before_relu, upstream, backward, order);
        });
        BatchNormGradients {
            x: dx,
            weight: Self::from_fn([channels], |c| T::from_f64(sums[c][1] * rstd(c))),
            bias: Self::from_fn([channels], |c| T::from_f64(sums[c][0])),
            residual: if rectified.is_some() { before_relu } else { residual.then_some(gradient) },
        }
    }
}

/// Checks shapes; the number of channels.
#[track_caller]
fn check<T: Float>(
    operation: &str,
    x: &Tensor<T>,
    by_channel: &[Option<&Tensor<T>>],
    like_x: Option<&Tensor<T>>,
) -> usize {
    assert!(x.rank() >= 2, "{operation}: input {:?} must be [N, C, ..]", x.shape());
    let channels = x.shape()[1];
    for part in by_channel.iter().flatten() {
        assert!(
            part.shape() == [channels],
            "{operation}: input {:?} has {channels} channels, but a mean, variance, weight or bias has shape {:?}",
            x.shape(),
            part.shape()
        );
    }
    if let Some(other) = like_x {
        assert!(
            other.shape() == x.shape(),
            "{operation}: input {:?}, but residual or gradient {:?}",
            x.shape(),
            other.shape()
        );
    }
    channels
}

/// The batch in an order that the kernels know: channels last as it is, anything else row-major.
#[track_caller]
fn in_order<T: Float>(operation: &str, x: &Tensor<T>) -> (Tensor<T>, Order) {
    assert!(x.rank() >= 2, "{operation}: input {:?} must be [N, C, ..]", x.shape());
    if x.is_channels_last() {
        return (x.clone(), Order::Rows);
    }
    match numel(&x.shape()[2..]) {
        1 => (x.contiguous(), Order::Rows),
        plane => (x.contiguous(), Order::Planes { plane }),
    }
}

/// `other` in memory as `x`, which is channels last or row-major.
fn lying_as<T: Float>(x: &Tensor<T>, other: &Tensor<T>) -> Tensor<T> {
    if x.is_channels_last() { other.to_channels_last() } else { other.contiguous() }
}

fn elements<T: Float>(x: &Tensor<T>) -> &[T] {
    x.dense_slice().expect("it was put in order")
}

/// `weight / sqrt(variance + eps)` of each channel.
fn scales<T: Float>(moments: &ChannelMoments<T>, weight: Option<&Tensor<T>>, eps: f64) -> Vec<T> {
    let variance = moments.variance.row_major();
    let weight = or_full(weight, variance.len(), T::one());
    variance.iter().zip(&weight).map(|(&v, &w)| T::from_f64(w.as_() * inverse_deviation(v, eps))).collect()
}

fn inverse_deviation<T: Float>(variance: T, eps: f64) -> f64 {
    1.0 / (variance.as_() + eps).sqrt()
}

/// The elements of `values`, or `len` times `default`.
fn or_full<T: Float>(values: Option<&Tensor<T>>, len: usize, default: T) -> Vec<T> {
    values.map_or_else(|| vec![default; len], Tensor::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Generator;

    /// Every layout of the same images gives the same numbers, in its own layout.
    #[test]
    fn images_are_normalised_in_the_order_in_which_they_lie() {
        for shape in [[2, 3, 4, 5], [3, 16, 9, 7], [4, 1, 3, 3], [5, 20, 1, 1], [2, 3, 0, 1]] {
            let mut normal = Generator::new(1, 0);
            let [x, residual, g] = [0, 1, 2].map(|_| normal.normal::<f64>(shape, 0.5, 2.0));
            let weight = normal.normal::<f64>([shape[1]], 1.0, 0.5);
            let run = |x: &Tensor<f64>| {
                let moments = x.channel_moments();
                let (weight, eps) = (Some(&weight), 1e-5);
                let options = BatchNormOptions {
                    weight,
                    bias: None,
                    eps,
                    residual: Some(&residual),
                    activation: Activation::Relu,
                };
                let y = x.batch_norm(&moments, options);
                let rectified = Some(&y);
                let gradients = x.batch_norm_gradient(BatchNormBackward {
                    gradient: &g,
                    rectified,
                    moments: &moments,
                    of_batch: true,
                    weight,
                    eps,
                    residual: true,
                });
                let residual = gradients.residual.expect("it was asked for");
                [y, gradients.x, residual, gradients.weight, gradients.bias]
            };
            let (rows, planes) = (run(&x.to_channels_last()), run(&x));
            for (rows, planes) in rows.iter().zip(&planes) {
                let same = shape.contains(&0) || rows.relative_difference(planes) < 1e-12;
                assert!(same, "{shape:?}: {rows}, {planes}");
            }
            assert!(rows[..3].iter().all(Tensor::is_channels_last) && planes[..3].iter().all(Tensor::is_contiguous));
        }
    }

    #[test]
    #[should_panic(
        expected = "batch_norm: input [2, 3] has 3 channels, but a mean, variance, weight or bias has shape [2]"
    )]
    fn shapes_that_do_not_fit_are_named() {
        let x = Tensor::<f32>::zeros([2, 3]);
        let weight = Tensor::ones([2]);
        let options = BatchNormOptions {
            weight: Some(&weight),
            bias: None,
            eps: 1e-5,
            residual: None,
            activation: Activation::Identity,
        };
        let _ = x.batch_norm(&x.channel_moments(), options);
    }
}
