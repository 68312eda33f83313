//! Batches of planes of one channel each: `[images, channels, plane]`.

use super::{Affine, Backward, Moments, Upstream, activated, fill_before_relu, for_each_part, masked};
use crate::element::Float;
use crate::kernels::lanes::{LANES, sum_lanes};
use crate::kernels::simd::{self, Arithmetic, Kernel};
use crate::parallel::{for_each_piece, rows_per_piece};

/// Elements of a plane that are summed in `T`.
const BLOCK: usize = 4096;

/// The moments of each plane.
pub(super) fn moments<T: Float>(x: &[T], plane: usize) -> Vec<Moments> {
    let mut out = vec![Moments::default(); x.len() / plane];
    for_each_piece(&mut out, rows_per_piece(plane), |start, out| {
        simd::dispatch(PlaneMoments { x: &x[start * plane..(start + out.len()) * plane], out, plane });
    });
    out
}

struct PlaneMoments<'a, T> {
    out: &'a mut [Moments],
    x: &'a [T],
    plane: usize,
}

impl<T: Float> Kernel for PlaneMoments<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (out, plane) in self.out.iter_mut().zip(self.x.chunks_exact(self.plane)) {
            for block in plane.chunks(BLOCK) {
                let count = block.len() as f64;
                let first = block[0];
                let offset = sum(block, |x, sum| sum + (x - first)) / T::from_f64(count);
                let mean = first + offset;
                let squares = sum(block, |x, sum| A::mul_add(x - mean, x - mean, sum));
                *out = out.merge(Moments::around(count, first, offset, squares));
            }
        }
    }
}

/// `add` of every element to one of the accumulators, and the accumulators' sum.
#[inline(always)]
fn sum<T: Float>(x: &[T], add: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::zero(); LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for x in whole {
        for i in 0..LANES {
            lanes[i] = add(x[i], lanes[i]);
        }
    }
    // Not into the accumulators: indexed by a variable, they would leave their registers.
    rest.iter().fold(sum_lanes(lanes), |sum, &x| add(x, sum))
}

pub(super) fn normalise<T: Float, const RELU: bool, const RESIDUAL: bool>(
    out: &mut [T],
    x: &[T],
    residual: &[T],
    affine: Affine<'_, T>,
    plane: usize,
) {
    for_each_piece(out, rows_per_piece(plane) * plane, |start, out| {
        let range = start..start + out.len();
        let (x, residual, first) = (&x[range.clone()], &residual[range], start / plane);
        simd::dispatch(Normalise::<T, RELU, RESIDUAL> { out, x, residual, affine, plane, first });
    });
}

struct Normalise<'a, T, const RELU: bool, const RESIDUAL: bool> {
    out: &'a mut [T],
    x: &'a [T],
    residual: &'a [T],
    affine: Affine<'a, T>,
    plane: usize,
    /// The first plane's place.
    first: usize,
}

impl<T: Float, const RELU: bool, const RESIDUAL: bool> Kernel for Normalise<'_, T, RELU, RESIDUAL> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (plane, Affine { mean, scale, shift }) = (self.plane, self.affine);
        let planes = self.out.chunks_exact_mut(plane).zip(self.x.chunks_exact(plane));
        for (i, ((out, x), residual)) in planes.zip(self.residual.chunks_exact(plane)).enumerate() {
            let channel = (self.first + i) % mean.len();
            let (mean, scale, shift) = (mean[channel], scale[channel], shift[channel]);
            for ((out, &x), &residual) in out.iter_mut().zip(x).zip(residual) {
                let y = A::mul_add(x - mean, scale, shift);
                *out = activated::<T, RELU>(if RESIDUAL { y + residual } else { y });
            }
        }
    }
}

/// The sums of each plane.
pub(super) fn gradient_sums<T: Float, const RELU: bool>(
    upstream: Upstream<'_, T>,
    mean: &[T],
    plane: usize,
) -> Vec<[f64; 2]> {
    let mut out = vec![[0.0; 2]; upstream.x.len() / plane];
    for_each_piece(&mut out, rows_per_piece(plane), |first, out| {
        let upstream = upstream.part(first * plane, out.len() * plane);
        simd::dispatch(GradientSums::<T, RELU> { out, upstream, mean, plane, first });
    });
    out
}

struct GradientSums<'a, T, const RELU: bool> {
    out: &'a mut [[f64; 2]],
    upstream: Upstream<'a, T>,
    mean: &'a [T],
    plane: usize,
    /// The first plane's place.
    first: usize,
}

impl<T: Float, const RELU: bool> Kernel for GradientSums<'_, T, RELU> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (i, out) in self.out.iter_mut().enumerate() {
            let mean = self.mean[(self.first + i) % self.mean.len()];
            for start in (0..self.plane).step_by(BLOCK) {
                let len = BLOCK.min(self.plane - start);
                let [sum, product] = block_sums::<T, A, RELU>(self.upstream.part(i * self.plane + start, len), mean);
                *out = [out[0] + sum.as_(), out[1] + product.as_()];
            }
        }
    }
}

/// The sums of g and of `g (x - mean)`.
#[inline(always)]
fn block_sums<T: Float, A: Arithmetic, const RELU: bool>(upstream: Upstream<'_, T>, mean: T) -> [T; 2] {
    let Upstream { x, gradient, relu_output } = upstream;
    let (mut sums, mut products) = ([T::zero(); LANES], [T::zero(); LANES]);
    let ((xs, x_rest), (gs, g_rest)) = (x.as_chunks::<LANES>(), gradient.as_chunks::<LANES>());
    let (ys, y_rest) = relu_output.unwrap_or(gradient).as_chunks::<LANES>();
    for ((x, g), y) in xs.iter().zip(gs).zip(ys) {
        for i in 0..LANES {
            let g = masked::<T, RELU>(g[i], y[i]);
            sums[i] += g;
            products[i] = A::mul_add(g, x[i] - mean, products[i]);
        }
    }
    let (mut last_sum, mut last_product) = (T::zero(), T::zero());
    for ((&x, &g), &y) in x_rest.iter().zip(g_rest).zip(y_rest) {
        let g = masked::<T, RELU>(g, y);
        last_sum += g;
        last_product = A::mul_add(g, x - mean, last_product);
    }
    [sum_lanes(sums) + last_sum, sum_lanes(products) + last_product]
}

pub(super) fn gradient<T: Float, const RELU: bool>(
    dx: &mut [T],
    before_relu: Option<&mut [T]>,
    upstream: Upstream<'_, T>,
    backward: Backward<'_, T>,
    plane: usize,
) {
    for_each_part(dx, before_relu, rows_per_piece(plane) * plane, |start, dx, before_relu| {
        let upstream = upstream.part(start, dx.len());
        simd::dispatch(Gradient::<T, RELU> { dx, before_relu, upstream, backward, plane, first: start / plane });
    });
}

struct Gradient<'a, T, const RELU: bool> {
    dx: &'a mut [T],
    /// Empty where it is not asked for.
    before_relu: &'a mut [T],
    upstream: Upstream<'a, T>,
    backward: Backward<'a, T>,
    plane: usize,
    /// The first plane's place.
    first: usize,
}

impl<T: Float, const RELU: bool> Kernel for Gradient<'_, T, RELU> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Upstream { x, gradient, relu_output } = self.upstream;
        let (plane, y) = (self.plane, relu_output.unwrap_or(gradient));
        let planes = self.dx.chunks_exact_mut(plane).zip(x.chunks_exact(plane));
        let planes = planes.zip(gradient.chunks_exact(plane).zip(y.chunks_exact(plane)));
        for (i, ((dx, x), (g, y))) in planes.enumerate() {
            let channel = (self.first + i) % self.backward.mean.len();
            let Backward { mean, scale, slope, shift } = self.backward;
            let (mean, scale, slope, shift) = (mean[channel], scale[channel], slope[channel], shift[channel]);
            for ((dx, &x), (&g, &y)) in dx.iter_mut().zip(x).zip(g.iter().zip(y)) {
                *dx = A::mul_add(masked::<T, RELU>(g, y), scale, A::mul_add(x - mean, slope, shift));
            }
        }
        fill_before_relu::<T, RELU>(self.before_relu, self.upstream);
    }
}
