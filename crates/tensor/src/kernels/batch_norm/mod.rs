//! Normalisation of channels over a batch: their moments, the normalised batch, and the gradient of that.
//!
//! A batch lies as rows of channels ([`rows`]) or as planes of one channel each ([`planes`]). Sums go over pieces whose
//! size depends on the shape alone, in `T`, and over the pieces in order, in `f64`.

mod planes;
mod rows;
#[cfg(test)]
mod tests;

use crate::element::Float;
use crate::kernels::gemm::Activation;
use crate::parallel::{for_each_piece, for_each_piece2};

/// How the channels lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `[rows, channels]`: images channels last, or a matrix.
    Rows,
    /// `[images, channels, plane]`.
    Planes {
        /// Elements of one channel that lie together.
        plane: usize,
    },
}

/// What each element becomes: `(x - mean) * scale + shift` of its channel.
#[derive(Clone, Copy)]
pub(crate) struct Affine<'a, T> {
    pub(crate) mean: &'a [T],
    pub(crate) scale: &'a [T],
    pub(crate) shift: &'a [T],
}

/// What the gradient is computed from.
#[derive(Clone, Copy)]
pub(crate) struct Upstream<'a, T> {
    pub(crate) x: &'a [T],
    /// Of the output.
    pub(crate) gradient: &'a [T],
    /// The output, where relu made it: no gradient flows where it is not positive.
    pub(crate) relu_output: Option<&'a [T]>,
}

impl<T> Upstream<'_, T> {
    /// `len` elements from `start` on.
    fn part(&self, start: usize, len: usize) -> Self {
        let range = start..start + len;
        Self {
            x: &self.x[range.clone()],
            gradient: &self.gradient[range.clone()],
            relu_output: self.relu_output.map(|y| &y[range]),
        }
    }
}

/// The gradient of each element from that of the output, g: `g * scale + (x - mean) * slope + shift` of its channel.
#[derive(Clone, Copy)]
pub(crate) struct Backward<'a, T> {
    pub(crate) mean: &'a [T],
    pub(crate) scale: &'a [T],
    pub(crate) slope: &'a [T],
    pub(crate) shift: &'a [T],
}

/// Mean, and sum of squared differences from it, of so many numbers.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Those of numbers whose mean lies `offset` from one of them, `first`, with the sum of squared differences from
    /// that mean as `T` rounds it. Far from 0 a rounded mean is off by more than the numbers differ.
    #[inline(always)]
    fn around<T: Float>(count: f64, first: T, offset: T, squares: T) -> Self {
        let (first, offset, rounded): (f64, f64, f64) = (first.as_(), offset.as_(), (first + offset).as_());
        let (mean, squares): (f64, f64) = (first + offset, squares.as_());
        Self { count, mean, squares: squares - count * (mean - rounded) * (mean - rounded) }
    }

    /// Those of both sets of numbers together (Chan, Golub and LeVeque, 1979).
    #[inline(always)]
    fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        let share = other.count / count;
        let difference = other.mean - self.mean;
        let squares = self.squares + other.squares + difference * difference * self.count * share;
        Self { count, mean: self.mean + difference * share, squares }
    }
}

/// The mean of each channel, and its variance: the mean of the squared differences from the mean.
pub(crate) fn moments<T: Float>(mean: &mut [T], variance: &mut [T], x: &[T], order: Order) {
    let channels = mean.len();
    let partial = match order {
        Order::Rows => rows::moments(x, channels),
        Order::Planes { plane } => planes::moments(x, plane),
    };
    let mut total = vec![Moments::default(); channels];
    for piece in partial.chunks_exact(channels) {
        total.iter_mut().zip(piece).for_each(|(total, &part)| *total = total.merge(part));
    }
    for ((mean, variance), total) in mean.iter_mut().zip(variance).zip(total) {
        *mean = T::from_f64(total.mean);
        *variance = T::from_f64(total.squares / total.count);
    }
}

/// `out = (x - mean) * scale + shift (+ residual)`, then the activation.
pub(crate) fn normalise<T: Float>(
    out: &mut [T],
    x: &[T],
    residual: Option<&[T]>,
    affine: Affine<'_, T>,
    activation: Activation,
    order: Order,
) {
    match (activation, residual) {
        (Activation::Identity, None) => normalise_by::<T, false, false>(out, x, x, affine, order),
        (Activation::Relu, None) => normalise_by::<T, true, false>(out, x, x, affine, order),
        (Activation::Identity, Some(residual)) => normalise_by::<T, false, true>(out, x, residual, affine, order),
        (Activation::Relu, Some(residual)) => normalise_by::<T, true, true>(out, x, residual, affine, order),
    }
}

fn normalise_by<T: Float, const RELU: bool, const RESIDUAL: bool>(
    out: &mut [T],
    x: &[T],
    residual: &[T],
    affine: Affine<'_, T>,
    order: Order,
) {
    match order {
        Order::Rows => rows::normalise::<T, RELU, RESIDUAL>(out, x, residual, affine),
        Order::Planes { plane } => planes::normalise::<T, RELU, RESIDUAL>(out, x, residual, affine, plane),
    }
}

/// For each channel the sums of g and of `g (x - mean)`, g being the gradient before relu.
pub(crate) fn gradient_sums<T: Float>(upstream: Upstream<'_, T>, mean: &[T], order: Order) -> Vec<[f64; 2]> {
    let partial = match (order, upstream.relu_output.is_some()) {
        (Order::Rows, false) => rows::gradient_sums::<T, false>(upstream, mean),
        (Order::Rows, true) => rows::gradient_sums::<T, true>(upstream, mean),
        (Order::Planes { plane }, false) => planes::gradient_sums::<T, false>(upstream, mean, plane),
        (Order::Planes { plane }, true) => planes::gradient_sums::<T, true>(upstream, mean, plane),
    };
    let mut total = vec![[0.0; 2]; mean.len()];
    for piece in partial.chunks_exact(mean.len()) {
        for (total, part) in total.iter_mut().zip(piece) {
            total[0] += part[0];
            total[1] += part[1];
        }
    }
    total
}

/// `dx = g * scale + (x - mean) * slope + shift`, and the gradient before relu, g, where there is room for it.
pub(crate) fn gradient<T: Float>(
    dx: &mut [T],
    before_relu: Option<&mut [T]>,
    upstream: Upstream<'_, T>,
    backward: Backward<'_, T>,
    order: Order,
) {
    match (order, upstream.relu_output.is_some()) {
        (Order::Rows, false) => rows::gradient::<T, false>(dx, before_relu, upstream, backward),
        (Order::Rows, true) => rows::gradient::<T, true>(dx, before_relu, upstream, backward),
        (Order::Planes { plane }, false) => planes::gradient::<T, false>(dx, before_relu, upstream, backward, plane),
        (Order::Planes { plane }, true) => planes::gradient::<T, true>(dx, before_relu, upstream, backward, plane),
    }
}

/// Cuts `dx`, and `before_relu` in step, into pieces of `size` elements and calls `f` with each piece's position and
/// the pieces, on all threads; the second is empty where it is not asked for.
fn for_each_part<T: Float>(
    dx: &mut [T],
    before_relu: Option<&mut [T]>,
    size: usize,
    f: impl Fn(usize, &mut [T], &mut [T]) + Sync,
) {
    match before_relu {
        Some(before_relu) => {
            for_each_piece2((dx, size), (before_relu, size), |i, dx, before_relu| f(i * size, dx, before_relu));
        }
        None => for_each_piece(dx, size, |start, dx| f(start, dx, &mut [])),
    }
}

/// Writes the gradient before relu, as far as there is room for it.
#[inline(always)]
fn fill_before_relu<T: Float, const RELU: bool>(out: &mut [T], upstream: Upstream<'_, T>) {
    let Upstream { gradient, relu_output, .. } = upstream;
    for ((out, &g), &y) in out.iter_mut().zip(gradient).zip(relu_output.unwrap_or(gradient)) {
        *out = masked::<T, RELU>(g, y);
    }
}

/// `max(y, 0)` where `RELU`; NaN stays NaN.
#[inline(always)]
fn activated<T: Float, const RELU: bool>(y: T) -> T {
    if RELU && y < T::zero() { T::zero() } else { y }
}

/// `g`, where `RELU` only if `y`, relu's output, is positive or NaN.
#[inline(always)]
fn masked<T: Float, const RELU: bool>(g: T, y: T) -> T {
    if RELU && y <= T::zero() { T::zero() } else { g }
}
