//! Batches whose channels lie together: `[rows, channels]`.
//!
//! Several rows make one of [`width`] elements, so that loops over it are long enough for vectors; each channel then
//! has several columns there, whose sums are added at the end.

use super::{Affine, Backward, Moments, Upstream, activated, fill_before_relu, for_each_part, masked};
use crate::element::Float;
use crate::kernels::simd::{self, Arithmetic, Kernel};
use crate::parallel::{GRAIN, for_each_piece};

/// Elements of a widened row, at least: sums go back and forth to the first cache, and this many take long enough that
/// a sum has arrived there before it is read again.
const WIDTH: usize = 256;

/// Elements that are read twice while they are in the caches next to the core.
const BLOCK: usize = 4096;

/// The widened row of `channels`: a multiple of it, and of 16.
fn width(channels: usize) -> usize {
    let unit = channels << (4 - channels.trailing_zeros().min(4));
    unit * WIDTH.div_ceil(unit)
}

/// Elements of one piece of work.
fn piece(width: usize) -> usize {
    (GRAIN / width).max(8) * width
}

/// `values` again and again.
fn widened<T: Copy>(values: &[T], width: usize) -> Vec<T> {
    values.iter().copied().cycle().take(width).collect()
}

/// The sum of all columns of each channel.
#[inline(always)]
fn folded<T: Float>(sums: &[T], channels: usize, out: &mut [T]) {
    out.fill(T::zero());
    for sums in sums.chunks_exact(channels) {
        out.iter_mut().zip(sums).for_each(|(out, &sum)| *out += sum);
    }
}

/// The moments of each channel in each piece.
pub(super) fn moments<T: Float>(x: &[T], channels: usize) -> Vec<Moments> {
    let width = width(channels);
    let size = piece(width);
    let mut out = vec![Moments::default(); x.len().div_ceil(size) * channels];
    for_each_piece(&mut out, channels, |start, out| {
        let start = start / channels * size;
        let x = &x[start..(start + size).min(x.len())];
        simd::dispatch(RowMoments { out, x, width });
    });
    out
}

struct RowMoments<'a, T> {
    out: &'a mut [Moments],
    x: &'a [T],
    width: usize,
}

impl<T: Float> Kernel for RowMoments<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { out, x, width } = self;
        let channels = out.len();
        let (mut sums, mut centres) = (vec![T::zero(); width], vec![T::zero(); width]);
        let (mut offset, mut squares) = (vec![T::zero(); channels], vec![T::zero(); channels]);
        for block in x.chunks((BLOCK / width).max(8) * width) {
            let first = &block[..channels];
            centres.chunks_exact_mut(channels).for_each(|centres| centres.copy_from_slice(first));
            sums.fill(T::zero());
            for row in block.chunks(width) {
                for ((sum, &first), &x) in sums.iter_mut().zip(&centres).zip(row) {
                    *sum += x - first;
                }
            }
            let count = (block.len() / channels) as f64;
            folded(&sums, channels, &mut offset);
            offset.iter_mut().for_each(|offset| *offset /= T::from_f64(count));
            for centres in centres.chunks_exact_mut(channels) {
                centres.iter_mut().zip(&offset).for_each(|(centre, &offset)| *centre += offset);
            }
            sums.fill(T::zero());
            for row in block.chunks(width) {
                for ((sum, &mean), &x) in sums.iter_mut().zip(&centres).zip(row) {
                    *sum = A::mul_add(x - mean, x - mean, *sum);
                }
            }
            folded(&sums, channels, &mut squares);
            for (((out, &first), &offset), &squares) in out.iter_mut().zip(first).zip(&offset).zip(&squares) {
                *out = out.merge(Moments::around(count, first, offset, squares));
            }
        }
    }
}

pub(super) fn normalise<T: Float, const RELU: bool, const RESIDUAL: bool>(
    out: &mut [T],
    x: &[T],
    residual: &[T],
    affine: Affine<'_, T>,
) {
    let width = width(affine.mean.len());
    let [mean, scale, shift] = [affine.mean, affine.scale, affine.shift].map(|values| widened(values, width));
    let affine = Affine { mean: &mean, scale: &scale, shift: &shift };
    for_each_piece(out, piece(width), |start, out| {
        let range = start..start + out.len();
        simd::dispatch(Normalise::<T, RELU, RESIDUAL> {
            x: &x[range.clone()],
            residual: &residual[range],
            out,
            affine,
        });
    });
}

struct Normalise<'a, T, const RELU: bool, const RESIDUAL: bool> {
    out: &'a mut [T],
    x: &'a [T],
    residual: &'a [T],
    affine: Affine<'a, T>,
}

impl<T: Float, const RELU: bool, const RESIDUAL: bool> Kernel for Normalise<'_, T, RELU, RESIDUAL> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Affine { mean, scale, shift } = self.affine;
        let width = mean.len();
        let rows = self.out.chunks_mut(width).zip(self.x.chunks(width)).zip(self.residual.chunks(width));
        for ((out, x), residual) in rows {
            let channels = mean.iter().zip(scale).zip(shift);
            for (((out, &x), &residual), ((&mean, &scale), &shift)) in out.iter_mut().zip(x).zip(residual).zip(channels)
            {
                let y = A::mul_add(x - mean, scale, shift);
                *out = activated::<T, RELU>(if RESIDUAL { y + residual } else { y });
            }
        }
    }
}

pub(super) fn gradient_sums<T: Float, const RELU: bool>(upstream: Upstream<'_, T>, mean: &[T]) -> Vec<[f64; 2]> {
    let channels = mean.len();
    let width = width(channels);
    let (size, mean) = (piece(width), widened(mean, width));
    let mut out = vec![[0.0; 2]; upstream.x.len().div_ceil(size) * channels];
    for_each_piece(&mut out, channels, |start, out| {
        let start = start / channels * size;
        let upstream = upstream.part(start, size.min(upstream.x.len() - start));
        simd::dispatch(GradientSums::<T, RELU> { out, upstream, mean: &mean });
    });
    out
}

struct GradientSums<'a, T, const RELU: bool> {
    out: &'a mut [[f64; 2]],
    upstream: Upstream<'a, T>,
    mean: &'a [T],
}

impl<T: Float, const RELU: bool> Kernel for GradientSums<'_, T, RELU> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Upstream { x, gradient, relu_output } = self.upstream;
        let (width, channels) = (self.mean.len(), self.out.len());
        let (mut sums, mut products) = (vec![T::zero(); width], vec![T::zero(); width]);
        let y = relu_output.unwrap_or(gradient);
        for ((x, g), y) in x.chunks(width).zip(gradient.chunks(width)).zip(y.chunks(width)) {
            let sums = sums.iter_mut().zip(&mut products).zip(self.mean);
            for (((sum, product), &mean), ((&x, &g), &y)) in sums.zip(x.iter().zip(g).zip(y)) {
                let g = masked::<T, RELU>(g, y);
                *sum += g;
                *product = A::mul_add(g, x - mean, *product);
            }
        }
        let mut channel = vec![T::zero(); channels];
        for (i, sums) in [sums, products].iter().enumerate() {
            folded(sums, channels, &mut channel);
            self.out.iter_mut().zip(&channel).for_each(|(out, &sum)| out[i] = sum.as_());
        }
    }
}

pub(super) fn gradient<T: Float, const RELU: bool>(
    dx: &mut [T],
    before_relu: Option<&mut [T]>,
    upstream: Upstream<'_, T>,
    backward: Backward<'_, T>,
) {
    let width = width(backward.mean.len());
    let Backward { mean, scale, slope, shift } = backward;
    let [mean, scale, slope, shift] = [mean, scale, slope, shift].map(|values| widened(values, width));
    let backward = Backward { mean: &mean, scale: &scale, slope: &slope, shift: &shift };
    for_each_part(dx, before_relu, piece(width), |start, dx, before_relu| {
        let upstream = upstream.part(start, dx.len());
        simd::dispatch(Gradient::<T, RELU> { dx, before_relu, upstream, backward });
    });
}

struct Gradient<'a, T, const RELU: bool> {
    dx: &'a mut [T],
    /// Empty where it is not asked for.
    before_relu: &'a mut [T],
    upstream: Upstream<'a, T>,
    backward: Backward<'a, T>,
}

impl<T: Float, const RELU: bool> Kernel for Gradient<'_, T, RELU> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Upstream { x, gradient, relu_output } = self.upstream;
        let Backward { mean, scale, slope, shift } = self.backward;
        let (width, y) = (mean.len(), relu_output.unwrap_or(gradient));
        let rows = self.dx.chunks_mut(width).zip(x.chunks(width)).zip(gradient.chunks(width)).zip(y.chunks(width));
        for (((dx, x), g), y) in rows {
            let channels = mean.iter().zip(scale).zip(slope.iter().zip(shift));
            let values = dx.iter_mut().zip(x).zip(g.iter().zip(y));
            for (((dx, &x), (&g, &y)), ((&mean, &scale), (&slope, &shift))) in values.zip(channels) {
                *dx = A::mul_add(masked::<T, RELU>(g, y), scale, A::mul_add(x - mean, slope, shift));
            }
        }
        fill_before_relu::<T, RELU>(self.before_relu, self.upstream);
    }
}
