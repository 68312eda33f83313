//! The order of elements along a dimension.

use std::cmp::Ordering;

use crate::element::Element;
use crate::parallel::{for_each_piece, rows_per_piece};
use crate::shape::{numel, resolve_dim};
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// The places along `dim` of the smallest element, the second smallest, and so on, or of the largest first where
    /// `descending`; equal elements stay in order. NaN counts as largest.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn argsort(&self, dim: isize, descending: bool) -> Tensor<i64> {
        let at = resolve_dim("argsort", dim, self.rank());
        let (middle, inner) = (self.shape()[at], numel(&self.shape()[at + 1..]));
        let block = middle * inner;
        let x = self.row_major();
        Tensor::build(self.shape(), |out| {
            for_each_piece(out, rows_per_piece(block) * block, |start, out| {
                for (o, out) in out.chunks_mut(block).enumerate() {
                    let x = &x[start + o * block..][..block];
                    for i in 0..inner {
                        let value = |place: usize| x[place * inner + i];
                        let mut order: Vec<usize> = (0..middle).collect();
                        order.sort_by(|&a, &b| {
                            let order = ascending(value(a), value(b));
                            if descending { order.reverse() } else { order }
                        });
                        order.into_iter().enumerate().for_each(|(m, place)| out[m * inner + i] = place as i64);
                    }
                }
            });
        })
    }
}

/// Numbers by size, then NaN.
fn ascending<T: Element>(a: T, b: T) -> Ordering {
    // Only NaN has no order, and only NaN differs from itself.
    a.partial_cmp(&b).unwrap_or_else(|| a.partial_cmp(&a).is_none().cmp(&b.partial_cmp(&b).is_none()))
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn equal_elements_stay_in_order_and_nan_is_largest() {
        let x = Tensor::from_vec(vec![2.0f32, f32::NAN, 1.0, 2.0, -1.0, f32::NAN, 0.0, 5.0], [2, 4]);
        assert_eq!(x.argsort(1, false).to_vec(), [2, 0, 3, 1, 0, 2, 3, 1]);
        assert_eq!(x.argsort(-1, true).to_vec(), [1, 0, 3, 2, 1, 3, 2, 0]);
        assert_eq!(x.argsort(0, false).to_vec(), [1, 0, 1, 0, 0, 1, 0, 1]);
        assert_eq!(Tensor::<i64>::zeros([0, 3]).argsort(0, false).shape(), [0, 3]);
    }
}
