//! Sums over a slice in a fixed order that vectorises: 64 running sums, put together in a tree.

use crate::element::Float;

/// Running sums: four of the widest vectors, enough to hide the latency of an addition.
const LANES: usize = 64;

/// The sum of `f(i)` over `0..n`, with `f` given one lane of elements at a time. Sums of `K` functions at once.
///
/// `#[inline(always)]`: to be called in a [`Kernel`](crate::kernels::simd::Kernel).
#[inline(always)]
pub(crate) fn sums<T: Float, const K: usize>(n: usize, f: impl Fn(usize) -> [T; K]) -> [T; K] {
    let mut lanes = [[T::zero(); LANES]; K];
    let whole = n - n % LANES;
    let mut start = 0;
    while start < whole {
        for lane in 0..LANES {
            let values = f(start + lane);
            for k in 0..K {
                lanes[k][lane] += values[k];
            }
        }
        start += LANES;
    }
    for lane in 0..n - whole {
        let values = f(whole + lane);
        for k in 0..K {
            lanes[k][lane] += values[k];
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lanes in &mut lanes {
            for lane in 0..width {
                lanes[lane] += lanes[lane + width];
            }
        }
        width /= 2;
    }
    lanes.map(|lanes| lanes[0])
}
