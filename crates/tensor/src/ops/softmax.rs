//! Softmax and its logarithm along a dimension.

use crate::element::Float;
use crate::kernels::softmax;
use crate::shape::resolve_dim;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// `exp(x_i) / sum_j exp(x_j)` along `dim`, without overflow.
    ///
    /// # Panics
    /// If the dimension is out of range; a scalar has none.
    #[track_caller]
    pub fn softmax(&self, dim: isize) -> Self {
        self.over_rows(resolve_dim("softmax", dim, self.rank()), softmax::softmax)
    }

    /// `x_i - log(sum_j exp(x_j))` along `dim`, without overflow or cancellation.
    ///
    /// # Panics
    /// If the dimension is out of range; a scalar has none.
    #[track_caller]
    pub fn log_softmax(&self, dim: isize) -> Self {
        self.over_rows(resolve_dim("log_softmax", dim, self.rank()), softmax::log_softmax)
    }

    /// `kernel(out, x, width)` with dimension `dim` made the last.
    fn over_rows(&self, dim: usize, kernel: impl FnOnce(&mut [T], &[T], usize)) -> Self {
        let last = self.rank() - 1;
        let rows = self.transpose(dim as isize, last as isize);
        let width = rows.shape()[last];
        let out = Self::build(rows.shape(), |out| {
            kernel(out, &rows.row_major(), width);
        });
        out.transpose(dim as isize, last as isize)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    /// Inputs that broke other libraries: pytorch#11752, hb-pytorch#61, NNlib#68.
    #[test]
    fn hard_inputs_stay_finite() {
        let log_softmax = |x: Vec<f32>| Tensor::from_slice(&x, [x.len()]).log_softmax(0).to_vec();
        assert_eq!(log_softmax(vec![1e8, 1e8]), [-std::f32::consts::LN_2; 2]);
        assert_eq!(log_softmax(vec![88.722_84]), [0.0]);
        assert_eq!(log_softmax(vec![-431.0, 279.0, 427.0]), [-858.0, -148.0, 0.0]);
        let x = Tensor::from_vec(vec![-1047.0f32, -981.0, 1891.0], [3]);
        assert_eq!(x.softmax(0).to_vec(), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn any_dimension_sums_to_one() {
        let x = Tensor::from_fn([2, 3, 4], |i| (i * i % 7) as f64);
        for dim in -3..3 {
            let sums = x.softmax(dim).sum_dims(&[dim], false);
            assert!(sums.to_vec().iter().all(|s| (s - 1.0).abs() < 1e-12), "dim {dim}");
            assert!(x.softmax(dim).ln().relative_difference(&x.log_softmax(dim)) < 1e-12, "dim {dim}");
        }
    }
}
