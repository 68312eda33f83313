//! Elements set to zero at random, and the mask that remembers which, a bit an element.

use super::philox::Philox;
use super::simd::{self, Arithmetic, Kernel};
use crate::element::Float;
use crate::parallel::{GRAIN, for_each_piece, for_each_piece2};

/// Elements that share a part of the mask: bit `b` of byte `i` of a group's bytes is element `b * GROUP / 8 + i` of the
/// group, so that whole vectors of bytes are shifted alike.
const GROUP: usize = 1024;

/// Elements of one piece of work: whole groups.
const PIECE: usize = GRAIN / 4;

/// The bytes of the mask of `n` elements.
pub(crate) fn mask_len(n: usize) -> usize {
    n.div_ceil(GROUP) * (GROUP / 8)
}

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

/// `out[i] = x[i] * scale` where draw `first + i` is below the threshold, else 0; `mask` is told where
/// that is.
pub(crate) fn dropout<T: Float>(out: &mut [T], mask: &mut [u8], x: &[T], drop: Drop<T>) {
    for_each_piece2((out, PIECE), (mask, PIECE / 8), |piece, out, mask| {
        let start = piece * PIECE;
        let drop = Drop { first: drop.first.wrapping_add(start as u64), ..drop };
        simd::dispatch(Dropout { x: &x[start..start + out.len()], out, mask, drop });
    });
}

/// `out[i] = x[i] * scale` where the mask says so, else 0.
pub(crate) fn apply_mask<T: Float>(out: &mut [T], x: &[T], mask: &[u8], scale: T) {
    for_each_piece(out, GRAIN, |start, out| {
        let (x, mask) = (&x[start..start + out.len()], &mask[start / 8..]);
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
        let masks = self.mask.as_chunks_mut::<{ GROUP / 8 }>().0;
        let mut place = first;
        for ((out, x), mask) in self.out.chunks_mut(GROUP).zip(self.x.chunks(GROUP)).zip(masks) {
            let mut draws = [0; GROUP];
            philox.fill_inline(place, &mut draws[..out.len()]);
            place = place.wrapping_add(GROUP as u64);
            let mut kept = [0u8; GROUP];
            for (kept, draw) in kept.iter_mut().zip(&draws) {
                *kept = u8::from(draw >> 8 < threshold);
            }
            *mask = [0; GROUP / 8];
            for (b, kept) in kept.as_chunks::<{ GROUP / 8 }>().0.iter().enumerate() {
                for (mask, kept) in mask.iter_mut().zip(kept) {
                    *mask |= kept << b;
                }
            }
            for ((out, &x), draw) in out.iter_mut().zip(x).zip(&draws) {
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
        let masks = self.mask.as_chunks::<{ GROUP / 8 }>().0;
        for ((out, x), mask) in self.out.chunks_mut(GROUP).zip(self.x.chunks(GROUP)).zip(masks) {
            let mut kept = [0u8; GROUP];
            for (b, kept) in kept.as_chunks_mut::<{ GROUP / 8 }>().0.iter_mut().enumerate() {
                for (kept, mask) in kept.iter_mut().zip(mask) {
                    *kept = mask >> b & 1;
                }
            }
            for ((out, &x), &kept) in out.iter_mut().zip(x).zip(&kept) {
                *out = if kept != 0 { x * scale } else { T::zero() };
            }
        }
    }
}
