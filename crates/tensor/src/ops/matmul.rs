//! Matrix products.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, MatrixMut, MatrixRef, gemm, gemm_serial};
use crate::parallel::for_each_piece;
use crate::shape::{Dims, broadcast_shapes, numel};
use crate::tensor::Tensor;

/// Multiply-adds from which on the products of a batch are computed one after the other, each on all threads; smaller
/// ones are side by side, each on one.
const LARGE: usize = 1 << 26;

/// Multiply-adds that a piece of a batch of products does at least.
const PIECE: usize = 1 << 19;

impl<T: Float> Tensor<T> {
    /// The matrix product `[.., M, K] x [.., K, N] -> [.., M, N]`; leading dimensions broadcast, as in `torch.matmul`.
    ///
    /// Transposed operands are read where they lie.
    ///
    /// # Panics
    /// If an operand has fewer than two dimensions, the inner sizes differ, or the leading ones do not broadcast.
    #[track_caller]
    pub fn matmul(&self, other: &Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        if let (&[m, k], &[same, n]) = (a, b)
            && k == same
        {
            return Self::build(&[m, n], |out| {
                let c = MatrixMut::row_major(out, n);
                gemm((m, k, n), self.matrix(), other.matrix(), c, Accumulate::Replace);
            });
        }
        let fits = a.len() >= 2 && b.len() >= 2 && a[a.len() - 1] == b[b.len() - 2];
        let batch = if fits { broadcast_shapes(&a[..a.len() - 2], &b[..b.len() - 2]) } else { None };
        let Some(batch) = batch else {
            panic!("matmul: shapes {a:?} and {b:?} do not fit ([.., M, K] x [.., K, N])");
        };
        let (m, k, n) = (a[a.len() - 2], a[a.len() - 1], b[b.len() - 1]);
        if b.len() == 2 && a.len() > 2 && self.is_contiguous() {
            // One product over all rows instead of one for each matrix of the batch.
            return self.reshape([numel(&a[..a.len() - 1]), k]).matmul(other).reshape(with_matrix(&batch, m, n));
        }
        let left = self.broadcast_to(with_matrix(&batch, m, k)).matrices();
        let right = other.broadcast_to(with_matrix(&batch, k, n)).matrices();
        Self::build(&with_matrix(&batch, m, n), |out| {
            if left.len() == 1 || m * k * n >= LARGE {
                for ((out, a), b) in out.chunks_mut(m * n).zip(&left).zip(&right) {
                    gemm((m, k, n), a.matrix(), b.matrix(), MatrixMut::row_major(out, n), Accumulate::Replace);
                }
                return;
            }
            let together = (PIECE / (m * k * n).max(1)).max(1);
            for_each_piece(out, together * m * n, |start, out| {
                let first = start / (m * n);
                for ((out, a), b) in out.chunks_mut(m * n).zip(&left[first..]).zip(&right[first..]) {
                    let c = MatrixMut::row_major(out, n);
                    gemm_serial((m, k, n), a.matrix(), b.matrix(), c, Accumulate::Replace);
                }
            });
        })
    }

    /// Adds the matrix product of `a` `[M, K]` and `b` `[K, N]` to this matrix `[M, N]`, as `torch.Tensor.addmm_`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn addmm_(&mut self, a: &Self, b: &Self) {
        let (&[m, k], &[same, n]) = (a.shape(), b.shape()) else {
            panic!("addmm_: shapes {:?} and {:?} are not those of matrices", a.shape(), b.shape());
        };
        assert!(
            k == same && self.shape() == [m, n],
            "addmm_: shapes {:?} and {:?} do not fit the sum's {:?} ([M, K], [K, N], [M, N])",
            a.shape(),
            b.shape(),
            self.shape()
        );
        let c = MatrixMut::row_major(self.as_mut_slice(), n);
        gemm((m, k, n), a.matrix(), b.matrix(), c, Accumulate::Add);
    }

    /// The last two dimensions at every index of the leading ones.
    fn matrices(&self) -> Vec<Self> {
        if self.rank() == 2 {
            return vec![self.clone()];
        }
        (0..self.shape()[0]).flat_map(|i| self.select(0, i).matrices()).collect()
    }

    /// A tensor of two dimensions as kernels see it.
    pub(crate) fn matrix(&self) -> MatrixRef<'_, T> {
        MatrixRef { data: self.memory_from_first(), row_stride: self.strides()[0], column_stride: self.strides()[1] }
    }
}

fn with_matrix(batch: &[usize], rows: usize, columns: usize) -> Dims {
    batch.iter().copied().chain([rows, columns]).collect()
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn batches_broadcast_and_views_are_read_where_they_lie() {
        let make = |shape: &[usize]| Tensor::from_fn(shape, |i| (i * 7 % 11) as f64 - 5.0);
        let check = |a: &Tensor<f64>, b: &Tensor<f64>, shape: &[usize]| {
            let c = a.matmul(b);
            assert_eq!(c.shape(), shape, "{:?} x {:?}", a.shape(), b.shape());
            let (rank, k) = (shape.len(), a.size(-1));
            for flat in 0..c.numel() {
                let mut index = vec![0; rank];
                let mut rest = flat;
                for d in (0..rank).rev() {
                    (index[d], rest) = (rest % shape[d], rest / shape[d]);
                }
                let operand = |x: &Tensor<f64>, row: usize, column: usize| {
                    let batch = &index[..rank - 2];
                    let own = &x.shape()[..x.rank() - 2];
                    let mut at: Vec<usize> = batch[batch.len() - own.len()..].to_vec();
                    at.iter_mut().zip(own).for_each(|(i, &n)| *i = if n == 1 { 0 } else { *i });
                    at.extend([row, column]);
                    x.at(&at)
                };
                let want: f64 = (0..k).map(|p| operand(a, index[rank - 2], p) * operand(b, p, index[rank - 1])).sum();
                assert_eq!(c.at(&index), want);
            }
        };
        check(&make(&[3, 4]), &make(&[4, 5]), &[3, 5]);
        check(&make(&[4, 3]).transpose(0, 1), &make(&[5, 4]).transpose(0, 1), &[3, 5]);
        check(&make(&[2, 3, 4]), &make(&[2, 4, 5]), &[2, 3, 5]);
        check(&make(&[2, 3, 4]), &make(&[4, 5]), &[2, 3, 5]);
        check(&make(&[3, 4]), &make(&[2, 4, 5]), &[2, 3, 5]);
        check(&make(&[2, 1, 3, 4]), &make(&[5, 4, 2]), &[2, 5, 3, 2]);
        check(&make(&[3, 0]), &make(&[0, 2]), &[3, 2]);
        check(&make(&[2, 4, 3]).transpose(1, 2), &make(&[4, 5]), &[2, 3, 5]);
    }

    #[test]
    fn a_product_is_added_in_place() {
        let make = |shape: &[usize]| Tensor::from_fn(shape, |i| (i * 7 % 11) as f64 - 5.0);
        let (a, b, before) = (make(&[3, 4]), make(&[5, 4]).transpose(0, 1), make(&[3, 5]));
        let mut sum = before.clone();
        sum.addmm_(&a, &b);
        assert_eq!(sum, &before + &a.matmul(&b));
        assert_eq!(before, make(&[3, 5]), "the memory was shared");
    }

    #[test]
    #[should_panic(expected = "addmm_: shapes [3, 4] and [4, 5] do not fit the sum's [5]")]
    fn a_sum_must_have_the_products_shape() {
        Tensor::<f32>::zeros([5]).addmm_(&Tensor::zeros([3, 4]), &Tensor::zeros([4, 5]));
    }

    #[test]
    #[should_panic(expected = "matmul: shapes [2, 3] and [4, 5] do not fit")]
    fn inner_sizes_must_agree() {
        Tensor::<f32>::zeros([2, 3]).matmul(&Tensor::zeros([4, 5]));
    }
}
