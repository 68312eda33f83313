//! Sums over accumulators side by side: no addition waits for the one before, the compiler sees vectors, and the
//! order of additions is the same at every level of instructions.

use super::simd::Arithmetic;
use crate::element::Float;

/// Accumulators of a sum, unless a file has a reason for another number: a vector of AVX-512, two of AVX2.
pub(crate) const LANES: usize = 16;

/// The sum of `N` accumulators, a power of two: halves added to halves.
#[inline(always)]
pub(crate) fn sum_lanes<const N: usize, T: Float>(mut lanes: [T; N]) -> T {
    let mut width = N / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// `add(x, sum)` for every element and one of `N` accumulators in turn, and the accumulators' sum.
#[inline(always)]
pub(crate) fn sum_by<const N: usize, T: Float>(x: &[T], add: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::zero(); N];
    let (whole, rest) = x.as_chunks::<N>();
    for x in whole {
        for i in 0..N {
            lanes[i] = add(x[i], lanes[i]);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = add(x, *lane);
    }
    sum_lanes(lanes)
}

/// The products of both slices' elements, added up in [`LANES`] accumulators.
#[inline(always)]
pub(crate) fn products<T: Float, A: Arithmetic>(x: &[T], y: &[T]) -> [T; LANES] {
    let mut lanes = [T::zero(); LANES];
    let ((x_whole, x_rest), (y_whole, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in x_whole.iter().zip(y_whole) {
        for i in 0..LANES {
            lanes[i] = A::mul_add(x[i], y[i], lanes[i]);
        }
    }
    for ((lane, &x), &y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
        *lane = A::mul_add(x, y, *lane);
    }
    lanes
}
