//! What is done to a block of transposed scores, element by element: one row a key, [`TILE`] lanes a row, one a query.

use super::{Attention, Block, Mask, TILE};
use crate::element::Float;
use crate::kernels::lanes::LANES;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

/// A tile of queries of one head.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Batch and head.
    pub(super) at: (usize, usize),
    /// The first query.
    pub(super) first: usize,
    /// The number of queries.
    pub(super) rows: usize,
}

impl<T: Float> Attention<'_, T> {
    /// Computes `K Q^T` for the keys from `key` on and the queries of a tile, with the mask; what the scores must still
    /// be multiplied by is returned.
    pub(super) fn scores(&self, tile: Tile, (key, block): (usize, Block), scores: &mut [T]) -> T {
        let keys = block.keys;
        let (k, q) = (self.k.rows(tile.at, key), self.q.rows(tile.at, tile.first));
        block.scores(self.sizes.width, k, q, scores);
        let mut scale = self.scale;
        if scale <= T::zero() || matches!(self.mask, Mask::Additive { .. }) {
            scores.iter_mut().for_each(|score| *score *= scale);
            scale = T::one();
        }
        match self.mask {
            Mask::None => {}
            Mask::Causal => {
                // Only the keys from the tile's second query on are hidden from some of its queries.
                for row in (tile.first + 1).max(key)..key + keys {
                    scores[(row - key) * TILE..][..row - tile.first].fill(T::neg_infinity());
                }
            }
            Mask::Additive { data, strides } => {
                let start = tile.at.0 * strides[0] + tile.at.1 * strides[1];
                for (j, row) in scores.chunks_exact_mut(TILE).enumerate() {
                    for (i, score) in row[..tile.rows].iter_mut().enumerate() {
                        *score += data[start + (tile.first + i) * strides[2] + (key + j) * strides[3]];
                    }
                }
            }
        }
        scale
    }
}

/// One number for each query of a tile.
pub(super) type Lanes<T> = [T; TILE];

/// Turns scores into `exp(scale score - maximum)` and brings maximum and sum of a tile up to date with this block.
pub(super) struct Softmax<'a, T> {
    pub(super) scores: &'a mut [T],
    pub(super) rows: usize,
    pub(super) scale: T,
    pub(super) maximum: &'a mut Lanes<T>,
    pub(super) sum: &'a mut Lanes<T>,
    /// Set to what the results of the blocks before must be multiplied by.
    pub(super) correction: &'a mut Lanes<T>,
}

impl<T: Float> Softmax<'_, T> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl<T: Float> Kernel for Softmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (scores, scale) = (self.scores.as_chunks_mut::<TILE>().0, self.scale);
        for lane in (0..self.rows).step_by(LANES) {
            let mut maximum = [T::neg_infinity(); LANES];
            for row in &*scores {
                let row = &row.as_chunks::<LANES>().0[lane / LANES];
                for i in 0..LANES {
                    maximum[i] = if row[i] > maximum[i] { row[i] } else { maximum[i] };
                }
            }
            let (mut shift, mut sum) = ([T::zero(); LANES], [T::zero(); LANES]);
            for i in 0..LANES {
                let before = self.maximum[lane + i];
                let now = maximum[i] * scale;
                let now = if now > before { now } else { before };
                // A query that has seen no key so far has no maximum; any shift will do.
                shift[i] = if now == T::neg_infinity() { T::zero() } else { -now };
                self.correction[lane + i] = (before + shift[i]).exp_below_zero::<A>();
                self.maximum[lane + i] = now;
            }
            for row in &mut *scores {
                let row = &mut row.as_chunks_mut::<LANES>().0[lane / LANES];
                for i in 0..LANES {
                    // Rounded twice, as the maximum was: fused, a huge score would end above its own maximum.
                    row[i] = (row[i] * scale + shift[i]).exp_below_zero::<A>();
                    sum[i] += row[i];
                }
            }
            let correction = &self.correction[lane..];
            for ((total, &correction), &sum) in self.sum[lane..].iter_mut().zip(correction).zip(&sum) {
                *total = A::mul_add(*total, correction, sum);
            }
        }
    }
}

/// Turns scores into probabilities `P = exp(scale score - log_sum_exp)`, and `dP` into the gradient of the unscaled
/// products of queries and keys, `P (dP - delta) factor`.
pub(super) struct Gradient<'a, T> {
    pub(super) scores: &'a mut [T],
    pub(super) dp: &'a mut [T],
    pub(super) rows: usize,
    pub(super) scale: T,
    pub(super) factor: T,
    pub(super) log_sum_exp: &'a Lanes<T>,
    pub(super) delta: &'a Lanes<T>,
}

impl<T: Float> Gradient<'_, T> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl<T: Float> Kernel for Gradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let rows = self.scores.as_chunks_mut::<TILE>().0.iter_mut().zip(self.dp.as_chunks_mut::<TILE>().0);
        let groups = self.rows.div_ceil(LANES);
        let (log_sum_exp, delta) = (self.log_sum_exp.as_chunks::<LANES>().0, self.delta.as_chunks::<LANES>().0);
        for (scores, dp) in rows {
            let (scores, dp) = (scores.as_chunks_mut::<LANES>().0, dp.as_chunks_mut::<LANES>().0);
            for lane in 0..groups {
                let (scores, dp) = (&mut scores[lane], &mut dp[lane]);
                for i in 0..LANES {
                    let p = (scores[i] * self.scale - log_sum_exp[lane][i]).exp_below_zero::<A>();
                    scores[i] = p;
                    dp[i] = p * ((dp[i] - delta[lane][i]) * self.factor);
                }
            }
        }
    }
}
