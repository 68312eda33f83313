//! Scaled dot-product attention without the matrix of all scores.
//!
//! The work of one head goes by tiles of [`TILE`] queries and blocks of [`BLOCK`] keys (Dao et al., "FlashAttention",
//! NeurIPS 2022). A block's scores are kept transposed, one row a key and one lane a query: maxima and sums over the
//! keys of all queries of a tile are then plain vector operations, and of the operands of the products only those of a
//! tile need rearranging. Keys that a causal mask hides from a whole tile are not touched.

mod backward;
mod forward;
mod scores;

pub(crate) use backward::backward;
pub(crate) use forward::forward;

use super::gemm::{Accumulate, MatrixMut, MatrixRef, gemm_serial};
use super::shared::Shared;
use crate::element::Float;

/// Queries worked on together: the lanes of a row of scores.
const TILE: usize = 64;

/// Keys worked on together: two blocks of scores stay in the second-level cache.
const BLOCK: usize = 512;

/// The size of each dimension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) batch: usize,
    pub(crate) heads: usize,
    pub(crate) queries: usize,
    pub(crate) keys: usize,
    /// Of a query and a key.
    pub(crate) width: usize,
    /// Of a value.
    pub(crate) value_width: usize,
}

impl Sizes {
    /// The keys that the queries up to `end` see.
    fn visible<T>(&self, mask: &Mask<'_, T>, end: usize) -> usize {
        if matches!(mask, Mask::Causal) { self.keys.min(end) } else { self.keys }
    }
}

/// Which keys a query sees.
#[derive(Clone, Copy)]
pub(crate) enum Mask<'a, T> {
    /// All.
    None,
    /// Query `i` sees the keys up to `i`.
    Causal,
    /// Element `[batch, head, query, key]` is added to the score.
    Additive {
        /// The elements.
        data: &'a [T],
        /// The distance between neighbours along each dimension.
        strides: [usize; 4],
    },
}

/// Rows of contiguous elements for each batch and head.
#[derive(Clone, Copy)]
pub(crate) struct Heads<'a, T> {
    /// The elements.
    pub(crate) data: &'a [T],
    /// The distance between batches, heads and rows.
    pub(crate) strides: [usize; 3],
}

impl<'a, T: Float> Heads<'a, T> {
    /// The rows of one head from `row` on.
    fn rows(&self, (batch, head): (usize, usize), row: usize) -> MatrixRef<'a, T> {
        let place = batch * self.strides[0] + head * self.strides[1] + row * self.strides[2];
        MatrixRef { data: &self.data[place.min(self.data.len())..], row_stride: self.strides[2], column_stride: 1 }
    }

    /// One row.
    #[inline(always)]
    fn row(&self, (batch, head): (usize, usize), row: usize, width: usize) -> &'a [T] {
        if width == 0 {
            return &[];
        }
        &self.data[batch * self.strides[0] + head * self.strides[1] + row * self.strides[2]..][..width]
    }
}

/// Rows to write for each batch and head, perhaps among others in the same memory.
#[derive(Clone, Copy)]
pub(crate) struct HeadsMut<'a, T> {
    /// The memory.
    pub(crate) data: &'a Shared<'a, T>,
    /// Where the first row of the first head starts.
    pub(crate) offset: usize,
    /// The distance between batches, heads and rows.
    pub(crate) strides: [usize; 3],
}

impl<T: Float> HeadsMut<'_, T> {
    /// Writes `rows`, each of `width` elements, from row `first` on, row `i` times `scales[i]` where there are scales.
    ///
    /// # Safety
    /// No other thread uses these rows meanwhile.
    unsafe fn write(
        &self,
        (batch, head): (usize, usize),
        first: usize,
        rows: &[T],
        width: usize,
        scales: Option<&[T]>,
    ) {
        let start = self.offset + batch * self.strides[0] + head * self.strides[1];
        for (i, row) in rows.chunks_exact(width.max(1)).enumerate() {
            let place = start + (first + i) * self.strides[2];
            // SAFETY: the caller's promise.
            let target = unsafe { self.data.part_mut(place..place + width) };
            match scales {
                Some(scales) => target.iter_mut().zip(row).for_each(|(out, &x)| *out = x * scales[i]),
                None => target.copy_from_slice(row),
            }
        }
    }
}

/// What is computed over: the operands, the scale of the scores and the mask.
#[derive(Clone, Copy)]
pub(crate) struct Attention<'a, T> {
    pub(crate) sizes: Sizes,
    pub(crate) q: Heads<'a, T>,
    pub(crate) k: Heads<'a, T>,
    pub(crate) v: Heads<'a, T>,
    pub(crate) scale: T,
    pub(crate) mask: Mask<'a, T>,
}

/// A block of scores: which keys meet which queries of a tile.
#[derive(Clone, Copy)]
struct Block {
    keys: usize,
    queries: usize,
    /// The last so many keys are hidden from the first [`HALF`] queries: a quarter of the diagonal of a causal mask,
    /// which no product computes or reads.
    hidden: usize,
}

/// Half the queries of a tile.
const HALF: usize = TILE / 2;

impl Block {
    /// The block of `keys` keys from `key` on and `queries` queries from `first` on.
    fn new<T>(mask: &Mask<'_, T>, (key, keys): (usize, usize), (first, queries): (usize, usize)) -> Self {
        let hidden = match mask {
            Mask::Causal if queries > HALF => (key + keys).saturating_sub(key.max(first + HALF)),
            _ => 0,
        };
        Self { keys, queries, hidden }
    }

    /// `scores = K Q^T`, for `width` columns of K and Q.
    fn scores<T: Float>(&self, width: usize, k: MatrixRef<'_, T>, q: MatrixRef<'_, T>, scores: &mut [T]) {
        let seen = self.keys - self.hidden;
        product((seen, width, self.queries), k, q.transposed(), (scores, TILE), Accumulate::Replace);
        if self.hidden > 0 {
            let (k, q, scores) = (from_row(k, seen), from_row(q, HALF), &mut scores[seen * TILE + HALF..]);
            product((self.hidden, width, self.queries - HALF), k, q.transposed(), (scores, TILE), Accumulate::Replace);
        }
    }

    /// `C = scores^T X` or `C += scores^T X` for X of a row of `width` for each key; C has one for each query.
    fn over_keys<T: Float>(
        &self,
        width: usize,
        scores: &[T],
        x: MatrixRef<'_, T>,
        c: &mut [T],
        accumulate: Accumulate<'_, T>,
    ) {
        let seen = self.keys - self.hidden;
        product((self.queries, seen, width), lanes(scores).transposed(), x, (c, width), accumulate);
        if self.hidden > 0 {
            let (scores, x, c) = (lanes(&scores[seen * TILE + HALF..]), from_row(x, seen), &mut c[HALF * width..]);
            product((self.queries - HALF, self.hidden, width), scores.transposed(), x, (c, width), Accumulate::Add);
        }
    }

    /// `C += scores X` for X of a row of `width` for each query; C has one for each key.
    fn over_queries<T: Float>(&self, width: usize, scores: &[T], x: MatrixRef<'_, T>, c: &mut [T]) {
        let seen = self.keys - self.hidden;
        product((seen, self.queries, width), lanes(scores), x, (c, width), Accumulate::Add);
        if self.hidden > 0 {
            let (scores, x, c) = (lanes(&scores[seen * TILE + HALF..]), from_row(x, HALF), &mut c[seen * width..]);
            product((self.hidden, self.queries - HALF, width), scores, x, (c, width), Accumulate::Add);
        }
    }
}

/// The rows from `row` on.
fn from_row<T>(x: MatrixRef<'_, T>, row: usize) -> MatrixRef<'_, T> {
    MatrixRef { data: &x.data[(row * x.row_stride).min(x.data.len())..], ..x }
}

/// `C = A B` or `C += A B`: every product of attention goes through here.
fn product<T: Float>(
    sizes: (usize, usize, usize),
    a: MatrixRef<'_, T>,
    b: MatrixRef<'_, T>,
    (c, row_stride): (&mut [T], usize),
    accumulate: Accumulate<'_, T>,
) {
    gemm_serial(sizes, a, b, MatrixMut { data: c, row_stride }, accumulate);
}

/// Scores in scratch: rows of [`TILE`] lanes.
fn lanes<T: Float>(scores: &[T]) -> MatrixRef<'_, T> {
    MatrixRef { data: scores, row_stride: TILE, column_stride: 1 }
}
