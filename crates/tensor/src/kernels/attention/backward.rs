//! The gradients of queries, keys and values: five products for each tile of queries, whose probabilities are computed
//! again from what the forward pass kept.

use super::scores::{Gradient, Lanes, Tile};
use super::{Attention, BLOCK, Block, Heads, HeadsMut, Sizes, TILE};
use crate::element::Float;
use crate::kernels::gemm::Accumulate;
use crate::kernels::lanes::products;
use crate::kernels::shared_slice::SharedSlice;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::for_each_index;
use crate::storage::Storage;

/// Writes the gradients of Q, K and V from `d_out`, that of the output `out`. With `P = softmax(scale Q K^T + mask)`:
/// `dV = P^T dO`, `dP = dO V^T`, `dS = scale P (dP - sum over the keys of P dP)`, `dQ = dS K`, `dK = dS^T Q`. That sum
/// is the sum over the columns of `dO O`.
///
/// The gradients lie in memory `[B, Tq, H, D]`, `[B, Tk, H, D]` and `[B, Tk, H, E]`.
pub(crate) fn backward<T: Float>(attention: &Attention<'_, T>, saved: Saved<'_, T>, [dq, dk, dv]: [&mut [T]; 3]) {
    let Sizes { heads, queries, keys, width, value_width, .. } = attention.sizes;
    let [dq, dk, dv] = [dq, dk, dv].map(SharedSlice::new);
    let dq = HeadsMut::joined(&dq, queries, heads, width);
    let dk = HeadsMut::joined(&dk, keys, heads, width);
    backward_into(attention, saved, [dq, dk, HeadsMut::joined(&dv, keys, heads, value_width)]);
}

/// [`backward`] with the three gradients side by side in rows `[B, T, 3 H D]`.
pub(crate) fn backward_packed<T: Float>(attention: &Attention<'_, T>, saved: Saved<'_, T>, packed: &mut [T]) {
    let Sizes { heads, queries, width, .. } = attention.sizes;
    let (row, data) = (3 * heads * width, SharedSlice::new(packed));
    let strides = [queries * row, width, row];
    backward_into(attention, saved, [0, 1, 2].map(|i| HeadsMut { data: &data, offset: i * heads * width, strides }));
}

/// What the forward pass gave, and the gradient from above.
#[derive(Clone, Copy)]
pub(crate) struct Saved<'a, T> {
    pub(crate) out: Heads<'a, T>,
    /// The gradient of `out`.
    pub(crate) d_out: Heads<'a, T>,
    /// `[B, H, Tq]`.
    pub(crate) log_sum_exp: &'a [T],
}

fn backward_into<T: Float>(attention: &Attention<'_, T>, saved: Saved<'_, T>, [dq, dk, dv]: [HeadsMut<'_, T>; 3]) {
    let Attention { sizes, .. } = *attention;
    let width = sizes.width.max(sizes.value_width);
    let block = sizes.keys.min(BLOCK) * TILE;
    let (keys, values) = (sizes.keys * sizes.width, sizes.keys * sizes.value_width);
    for_each_index(sizes.batch * sizes.heads, |head| {
        let at = (head / sizes.heads, head % sizes.heads);
        let mut scratch = Storage::<T>::scratch(2 * block + keys + values + TILE * width);
        let (scores, rest) = scratch.make_mut().split_at_mut(block);
        let (dp, rest) = rest.split_at_mut(block);
        let (sums, d_query) = rest.split_at_mut(keys + values);
        sums.fill(T::zero());
        let (d_key, d_value) = sums.split_at_mut(keys);
        for first in (0..sizes.queries).step_by(TILE) {
            let tile = Tile { at, first, rows: TILE.min(sizes.queries - first) };
            let d_query = &mut d_query[..tile.rows * sizes.width];
            let log_sum_exp = &saved.log_sum_exp[head * sizes.queries + first..][..tile.rows];
            let work = Work { scores, dp, d_query, d_key, d_value };
            backward_tile(attention, tile, Saved { log_sum_exp, ..saved }, work);
            // SAFETY: the heads have rows of their own, in all three.
            unsafe { dq.write(at, first, d_query, sizes.width, None) };
        }
        // SAFETY: as above.
        unsafe {
            dk.write(at, 0, d_key, sizes.width, None);
            dv.write(at, 0, d_value, sizes.value_width, None);
        }
    });
}

/// Memory of one head's work.
struct Work<'a, T> {
    /// Two blocks of scores.
    scores: &'a mut [T],
    dp: &'a mut [T],
    /// The gradient of the tile's queries, which is set.
    d_query: &'a mut [T],
    /// Those of all keys and values, which are added to.
    d_key: &'a mut [T],
    d_value: &'a mut [T],
}

fn backward_tile<T: Float>(
    attention: &Attention<'_, T>,
    tile: Tile,
    Saved { out, d_out, log_sum_exp }: Saved<'_, T>,
    work: Work<'_, T>,
) {
    let Attention { sizes, q, k, v, .. } = *attention;
    let (rows, width, value_width) = (tile.rows, sizes.width, sizes.value_width);
    let mut sums: Lanes<T> = [T::zero(); TILE];
    sums[..rows].copy_from_slice(log_sum_exp);
    let mut delta: Lanes<T> = [T::zero(); TILE];
    dispatch(Delta { tile, width: value_width, out, d_out, delta: &mut delta });
    let (q, d_o) = (q.rows(tile.at, tile.first), d_out.rows(tile.at, tile.first));
    let keys = sizes.visible(&attention.mask, tile.first + rows);
    if keys == 0 {
        work.d_query.fill(T::zero());
    }
    for key in (0..keys).step_by(BLOCK) {
        let n = BLOCK.min(keys - key);
        let (scores, dp) = (&mut work.scores[..n * TILE], &mut work.dp[..n * TILE]);
        let block = Block::new(&attention.mask, (key, n), (tile.first, rows));
        let scale = attention.scores(tile, (key, block), scores);
        block.scores(value_width, v.rows(tile.at, key), d_o, dp);
        let (log_sum_exp, delta, factor) = (&sums, &delta, attention.scale);
        Gradient { scores, dp, rows, scale, factor, log_sum_exp, delta }.apply();
        block.over_queries(value_width, scores, d_o, &mut work.d_value[key * value_width..][..n * value_width]);
        block.over_queries(width, dp, q, &mut work.d_key[key * width..][..n * width]);
        let accumulate = if key > 0 { Accumulate::Add } else { Accumulate::Replace };
        block.over_keys(width, dp, k.rows(tile.at, key), work.d_query, accumulate);
    }
}

/// `delta[i]` is the sum over the columns of `out d_out` in row `i` of a tile.
struct Delta<'a, T> {
    tile: Tile,
    width: usize,
    out: Heads<'a, T>,
    d_out: Heads<'a, T>,
    delta: &'a mut Lanes<T>,
}

impl<T: Float> Kernel for Delta<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Tile { at, first, rows } = self.tile;
        for (i, delta) in self.delta[..rows].iter_mut().enumerate() {
            let (o, g) = (self.out.row(at, first + i, self.width), self.d_out.row(at, first + i, self.width));
            let lanes = products::<T, A>(o, g);
            *delta = lanes.iter().fold(T::zero(), |sum, &lane| sum + lane);
        }
    }
}
