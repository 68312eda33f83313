//! The output and, for each query, the logarithm of the sum of the exponentials of its scores.

use super::scores::{Lanes, Softmax, Tile};
use super::{Attention, BLOCK, Block, HeadsMut, TILE};
use crate::element::Float;
use crate::kernels::gemm::Accumulate;
use crate::kernels::shared::Shared;
use crate::parallel::for_each_index;
use crate::storage::Storage;

/// `out = softmax(scale Q K^T + mask) V`; `log_sum_exp` is `[B, H, T]`, row-major. A query that sees no key gives
/// zeros.
pub(crate) fn forward<T: Float>(attention: &Attention<'_, T>, out: HeadsMut<'_, T>, log_sum_exp: &mut [T]) {
    let sizes = attention.sizes;
    let tiles = sizes.queries.div_ceil(TILE);
    let log_sum_exp = Shared::new(log_sum_exp);
    for_each_index(sizes.batch * sizes.heads * tiles, |i| {
        let head = i / tiles;
        // The last tile first: under a causal mask it is the largest, and finds the keys in memory for the others.
        let first = (tiles - 1 - i % tiles) * TILE;
        let rows = TILE.min(sizes.queries - first);
        let tile = Tile { at: (head / sizes.heads, head % sizes.heads), first, rows };
        let place = head * sizes.queries + first;
        // SAFETY: the tiles have queries of their own.
        let log_sum_exp = unsafe { log_sum_exp.part_mut(place..place + rows) };
        forward_tile(attention, tile, out, log_sum_exp);
    });
}

fn forward_tile<T: Float>(attention: &Attention<'_, T>, tile: Tile, out: HeadsMut<'_, T>, log_sum_exp: &mut [T]) {
    let sizes = attention.sizes;
    let (rows, width) = (tile.rows, sizes.value_width);
    let keys = sizes.visible(&attention.mask, tile.first + rows);
    let block = keys.min(BLOCK);
    let mut scratch = Storage::<T>::scratch(block * TILE + rows * width);
    let (scores, o) = scratch.make_mut().split_at_mut(block * TILE);
    let (mut maximum, mut sum): (Lanes<T>, Lanes<T>) = ([T::neg_infinity(); TILE], [T::zero(); TILE]);
    let mut correction = [T::zero(); TILE];
    if keys == 0 {
        o.fill(T::zero());
    }
    for key in (0..keys).step_by(BLOCK) {
        let n = BLOCK.min(keys - key);
        let scores = &mut scores[..n * TILE];
        let block = Block::new(&attention.mask, (key, n), (tile.first, rows));
        let scale = attention.scores(tile, (key, block), scores);
        let (maximum, sum) = (&mut maximum, &mut sum);
        Softmax { scores, rows, scale, maximum, sum, correction: &mut correction }.apply();
        let mut accumulate = Accumulate::Replace;
        if key > 0 {
            for (row, &factor) in o.chunks_exact_mut(width.max(1)).zip(&correction) {
                row.iter_mut().for_each(|x| *x *= factor);
            }
            accumulate = Accumulate::Add;
        }
        block.over_keys(width, scores, attention.v.rows(tile.at, key), o, accumulate);
    }
    for i in 0..rows {
        let seen = sum[i] != T::zero();
        log_sum_exp[i] = if seen { maximum[i] + sum[i].ln() } else { T::zero() };
        sum[i] = if seen { sum[i].recip() } else { T::zero() };
    }
    // SAFETY: the tiles have queries of their own.
    unsafe { out.write(tile.at, tile.first, o, width, Some(&sum)) };
}
