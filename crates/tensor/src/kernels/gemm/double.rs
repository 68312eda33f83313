//! f64 products by matrixmultiply.

use super::problem::{Problem, Right, Strided};
use super::tile::Activation;

/// Computes the problem on the calling thread.
///
/// # Safety
/// As for [`Gemm::product`](super::Gemm::product).
pub(super) unsafe fn product(problem: &Problem<f64>) {
    let &Problem { m, k, n, a, c, c_row_stride, .. } = problem;
    let b = match problem.b {
        Right::Strided(b) => b,
        Right::Packed { start, columns, first } => {
            Strided { start: start.wrapping_add(first), row_stride: columns, column_stride: 1 }
        }
    };
    let beta = if problem.add { 1.0 } else { 0.0 };
    let strides = |x: Strided<f64>| (x.row_stride as isize, x.column_stride as isize);
    let ((rsa, csa), (rsb, csb)) = (strides(a), strides(b));
    // SAFETY: the caller's promises are matrixmultiply's own.
    unsafe {
        matrixmultiply::dgemm(m, k, n, 1.0, a.start, rsa, csa, b.start, rsb, csb, beta, c, c_row_stride as isize, 1)
    };
    if problem.bias.is_null() && problem.activation == Activation::Identity {
        return;
    }
    for i in 0..m {
        for j in 0..n {
            // SAFETY: the caller says that C can be written and the bias is as long as its rows.
            unsafe {
                let c = c.add(i * c_row_stride + j);
                if !problem.bias.is_null() {
                    *c += *problem.bias.add(j);
                }
                if problem.activation == Activation::Relu && *c <= 0.0 {
                    *c = 0.0;
                }
            }
        }
    }
}

/// Copies B of `k` x `n` row after row, its rows as long as whole panels.
///
/// # Safety
/// As for [`Gemm::pack`](super::Gemm::pack).
pub(super) unsafe fn pack(b: Strided<f64>, (k, n): (usize, usize), room: *mut f64) {
    for p in 0..k {
        for j in 0..n {
            // SAFETY: the caller's promises.
            unsafe { *room.add(p * n + j) = *b.at(p, j).start }
        }
    }
}
