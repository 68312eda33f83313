//! Softmax and its relatives over rows, and their gradients.
//!
//! A row's maximum and the sum of its exponentials come from one pass: blocks that stay in the first cache, each read
//! twice there, and a sum that is scaled down where a block brings a new maximum.

use super::lanes::{LANES, products, sum_by, sum_lanes};
use super::simd::{self, Arithmetic, Kernel};
use crate::element::Float;
use crate::parallel::{for_each_piece, rows_per_piece};

/// Elements of a row that one block of [`row_statistics`] holds.
const BLOCK: usize = 2048;

/// What an exponential costs, in numbers of cheap operations that [`rows_per_piece`] counts by.
pub(super) const COST: usize = 4;

/// `out = softmax(x)` over rows of `width`.
pub(crate) fn softmax<T: Float>(out: &mut [T], x: &[T], width: usize) {
    for_each_piece(out, rows_per_piece(COST * width) * width, |start, out| {
        simd::dispatch(Softmax { x: &x[start..start + out.len()], out, width });
    });
}

/// `out = y (g - sum(g y))` over rows of `width`: the gradient of [`softmax`] from its output.
pub(crate) fn softmax_gradient<T: Float>(out: &mut [T], y: &[T], g: &[T], width: usize) {
    for_each_piece(out, rows_per_piece(COST * width) * width, |start, out| {
        let range = start..start + out.len();
        simd::dispatch(SoftmaxGradient { y: &y[range.clone()], g: &g[range], out, width });
    });
}

/// `out = log(softmax(x))` over rows of `width`.
pub(crate) fn log_softmax<T: Float>(out: &mut [T], x: &[T], width: usize) {
    for_each_piece(out, rows_per_piece(COST * width) * width, |start, out| {
        simd::dispatch(LogSoftmax { x: &x[start..start + out.len()], out, width });
    });
}

/// `out = g - exp(y) sum(g)` over rows of `width`: the gradient of [`log_softmax`] from its output.
pub(crate) fn log_softmax_gradient<T: Float>(out: &mut [T], y: &[T], g: &[T], width: usize) {
    for_each_piece(out, rows_per_piece(COST * width) * width, |start, out| {
        let range = start..start + out.len();
        simd::dispatch(LogSoftmaxGradient { y: &y[range.clone()], g: &g[range], out, width });
    });
}

struct Softmax<'a, T> {
    out: &'a mut [T],
    x: &'a [T],
    width: usize,
}

impl<T: Float> Kernel for Softmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (out, row) in self.out.chunks_mut(self.width).zip(self.x.chunks(self.width)) {
            // Rows are short against the caches: the exponentials are kept, rather than computed anew from statistics.
            let max = maximum(row);
            let total = exponentials::<T, A>(out, row, max);
            let scale = T::one() / total;
            for out in out {
                *out *= scale;
            }
        }
    }
}

struct SoftmaxGradient<'a, T> {
    out: &'a mut [T],
    y: &'a [T],
    g: &'a [T],
    width: usize,
}

impl<T: Float> Kernel for SoftmaxGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let rows = self.out.chunks_mut(self.width).zip(self.y.chunks(self.width)).zip(self.g.chunks(self.width));
        for ((out, y), g) in rows {
            let sum = sum_lanes(products::<T, A>(y, g));
            for ((out, &y), &g) in out.iter_mut().zip(y).zip(g) {
                *out = y * (g - sum);
            }
        }
    }
}

struct LogSoftmax<'a, T> {
    out: &'a mut [T],
    x: &'a [T],
    width: usize,
}

impl<T: Float> Kernel for LogSoftmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (out, row) in self.out.chunks_mut(self.width).zip(self.x.chunks(self.width)) {
            // Not `x - log_sum_exp`: where the maximum is large, its logarithm part would be lost in rounding
            // (logits [1e8, 1e8] must give log(1/2), pytorch#11752).
            let (max, total) = row_statistics::<T, A>(row);
            let log_total = total.ln();
            for (out, &x) in out.iter_mut().zip(row) {
                *out = (x - max) - log_total;
            }
        }
    }
}

struct LogSoftmaxGradient<'a, T> {
    out: &'a mut [T],
    y: &'a [T],
    g: &'a [T],
    width: usize,
}

impl<T: Float> Kernel for LogSoftmaxGradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let rows = self.out.chunks_mut(self.width).zip(self.y.chunks(self.width)).zip(self.g.chunks(self.width));
        for ((out, y), g) in rows {
            let sum = sum_by::<LANES, T>(g, |g, sum| sum + g);
            for ((out, &y), &g) in out.iter_mut().zip(y).zip(g) {
                *out = A::mul_add(-sum, y.exp_below_zero::<A>(), g);
            }
        }
    }
}

/// The largest element, NaN passed over; `-infinity` of none.
#[inline(always)]
fn maximum<T: Float>(x: &[T]) -> T {
    let larger = |a: T, b: T| if b > a { b } else { a };
    // Twice the lanes: a maximum takes as long as a few elements take to read.
    let (whole, rest) = x.as_chunks::<{ 2 * LANES }>();
    let mut lanes = [T::neg_infinity(); 2 * LANES];
    for x in whole {
        for i in 0..2 * LANES {
            lanes[i] = larger(lanes[i], x[i]);
        }
    }
    rest.iter().copied().fold(lanes.into_iter().fold(T::neg_infinity(), larger), larger)
}

/// `out[i] = exp(x[i] - max)`, and their sum.
#[inline(always)]
fn exponentials<T: Float, A: Arithmetic>(out: &mut [T], x: &[T], max: T) -> T {
    let mut lanes = [T::zero(); LANES];
    let ((out_whole, out_rest), (whole, rest)) = (out.as_chunks_mut::<LANES>(), x.as_chunks::<LANES>());
    for (out, x) in out_whole.iter_mut().zip(whole) {
        for i in 0..LANES {
            out[i] = (x[i] - max).exp_below_zero::<A>();
            lanes[i] += out[i];
        }
    }
    let mut last = padded(rest);
    for i in 0..LANES {
        last[i] = (last[i] - max).exp_below_zero::<A>();
        lanes[i] += last[i];
    }
    out_rest.copy_from_slice(&last[..out_rest.len()]);
    sum_lanes(lanes)
}

/// The last elements of a row, filled up with what adds nothing to a sum of exponentials.
#[inline(always)]
fn padded<T: Float>(rest: &[T]) -> [T; LANES] {
    let mut last = [T::neg_infinity(); LANES];
    last[..rest.len()].copy_from_slice(rest);
    last
}

/// The largest element and the sum of `exp(x[i] - largest)`, which is NaN where an element is, or where all are
/// `-infinity`.
#[inline(always)]
pub(super) fn row_statistics<T: Float, A: Arithmetic>(row: &[T]) -> (T, T) {
    let (mut max, mut lanes) = (T::neg_infinity(), [T::zero(); LANES]);
    for block in row.chunks(BLOCK) {
        let block_max = maximum(block);
        if block_max > max {
            let scale = (max - block_max).exp_below_zero::<A>();
            lanes.iter_mut().for_each(|lane| *lane *= scale);
            max = block_max;
        }
        // A block of nothing but -infinity adds nothing, but its difference from that maximum would be NaN.
        let below = if max == T::neg_infinity() { T::zero() } else { max };
        let (whole, rest) = block.as_chunks::<LANES>();
        for x in whole {
            for i in 0..LANES {
                lanes[i] += (x[i] - below).exp_below_zero::<A>();
            }
        }
        let last = padded(rest);
        for i in 0..LANES {
            lanes[i] += (last[i] - below).exp_below_zero::<A>();
        }
    }
    let total = sum_lanes(lanes);
    (max, if max == T::neg_infinity() { T::nan() } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::at_every_level;

    #[derive(Clone)]
    struct Statistics<'a>(&'a [f32]);

    impl Kernel for Statistics<'_> {
        type Output = (f32, f32);

        #[inline(always)]
        fn run<A: Arithmetic>(self) -> (f32, f32) {
            row_statistics::<f32, A>(self.0)
        }
    }

    fn check(row: &[f32]) {
        let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let total: f64 = row.iter().map(|&x| (f64::from(x) - f64::from(max)).exp()).sum();
        at_every_level(&Statistics(row), |level, (got_max, got)| {
            let n = row.len();
            assert_eq!(got_max, max, "{n} elements, {level:?}");
            let close = (f64::from(got) - total).abs() <= 1e-6 * total || (total.is_nan() && got.is_nan());
            assert!(close, "{n} elements, {level:?}: {got}, exact {total}");
        });
    }

    #[test]
    fn statistics_of_a_row_equal_those_of_two_passes() {
        const INF: f32 = f32::INFINITY;
        for n in [1, 2, 15, 16, 17, 2047, 2048, 2049, 10_007] {
            check(&(0..n).map(|i| ((i * 7919) % 2003) as f32 / 100.0).collect::<Vec<_>>());
            // Each block brings a new maximum, or only the first does, or a block is all masked.
            check(&(0..n).map(|i| i as f32 / 1000.0).collect::<Vec<_>>());
            check(&(0..n).map(|i| -(i as f32)).collect::<Vec<_>>());
            check(&(0..n).map(|i| if i < 2500 && i + 1 < n { -INF } else { 1.0 }).collect::<Vec<_>>());
            check(&vec![-INF; n]);
            check(&(0..n).map(|i| if i == n / 2 { f32::NAN } else { 0.5 }).collect::<Vec<_>>());
        }
    }
}
