//! Elements set to zero at random, and the mask that remembers which, a bit an element.

use super::philox::Philox;
use super::simd::{self, Arithmetic, Kernel};
use crate::element::Float;
use crate::parallel::{GRAIN, for_each_piece, for_each_piece2};

/// Elements of one piece of work: whole bytes of the mask.
const PIECE: usize = GRAIN / 4;

/// Draws made at a time: they stay in the first cache.
const DRAWS: usize = 1024;

/// How elements are dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drop<T> {
    /// Where the numbers come from, and the first of them.
    pub(crate) philox: Philox,
    pub(crate) first: u64,
    /// An element is kept where the upper 24 bits of its draw are below this.
    pub(crate) threshold: u32,
    /// What kept elements are multiplied with.
    pub(crate) scale: T,
}

/// `out[i] = x[i] * scale` where draw `first + i` is below the threshold, else 0; bit `i % 8` of `mask[i / 8]` says
/// where that is.
pub(crate) fn dropout<T: Float>(out: &mut [T], mask: &mut [u8], x: &[T], drop: Drop<T>) {
    for_each_piece2((out, PIECE), (mask, PIECE / 8), |piece, out, mask| {
        let start = piece * PIECE;
        let drop = Drop { first: drop.first.wrapping_add(start as u64), ..drop };
        simd::dispatch(Dropout { x: &x[start..start + out.len()], out, mask, drop });
    });
}

/// `out[i] = x[i] * scale` where the mask's bit is set, else 0.
pub(crate) fn apply_mask<T: Float>(out: &mut [T], x: &[T], mask: &[u8], scale: T) {
    for_each_piece(out, GRAIN, |start, out| {
        let (x, mask) = (&x[start..start + out.len()], &mask[start / 8..(start + out.len()).div_ceil(8)]);
        simd::dispatch(ApplyMask { out, x, mask, scale });
    });
}

struct Dropout<'a, T> {
    out: &'a mut [T],
    mask: &'a mut [u8],
    x: &'a [T],
    drop: Drop<T>,
}

impl<T: Float> Kernel for Dropout<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Drop { philox, first, threshold, scale } = self.drop;
        let groups = self.out.chunks_mut(DRAWS).zip(self.x.chunks(DRAWS)).zip(self.mask.chunks_mut(DRAWS / 8));
        let mut place = first;
        for ((out, x), mask) in groups {
            let mut draws = [0; DRAWS];
            philox.fill_inline(place, &mut draws[..out.len()]);
            place = place.wrapping_add(DRAWS as u64);
            for (bits, draws) in mask.iter_mut().zip(draws.as_chunks::<8>().0) {
                *bits = (0..8).fold(0, |bits, i| bits | u8::from(draws[i] >> 8 < threshold) << i);
            }
            for ((out, &x), draw) in out.iter_mut().zip(x).zip(draws) {
                *out = if draw >> 8 < threshold { x * scale } else { T::zero() };
            }
        }
    }
}

struct ApplyMask<'a, T> {
    out: &'a mut [T],
    x: &'a [T],
    mask: &'a [u8],
    scale: T,
}

impl<T: Float> Kernel for ApplyMask<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let scale = self.scale;
        let ((out, out_rest), (x, x_rest)) = (self.out.as_chunks_mut::<16>(), self.x.as_chunks::<16>());
        let (mask, mask_rest) = self.mask.split_at(2 * out.len());
        for ((out, x), mask) in out.iter_mut().zip(x).zip(mask.as_chunks::<2>().0) {
            let bits = u32::from(u16::from_le_bytes(*mask));
            for i in 0..16 {
                out[i] = if bits >> i & 1 == 1 { x[i] * scale } else { T::zero() };
            }
        }
        for (i, (out, &x)) in out_rest.iter_mut().zip(x_rest).enumerate() {
            *out = if mask_rest[i / 8] >> (i % 8) & 1 == 1 { x * scale } else { T::zero() };
        }
    }
}
