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

    /// `y_i (g_i - sum_j g_j y_j)` along `dim`: the gradient of [`softmax`](Self::softmax) from its output, this
    /// tensor.
    ///
    /// # Panics
    /// If the shapes differ or the dimension is out of range.
    #[track_caller]
    pub fn softmax_gradient(&self, g: &Self, dim: isize) -> Self {
        self.gradient_over_rows(g, "softmax_gradient", dim, softmax::softmax_gradient)
    }

    /// `g_i - exp(y_i) sum_j g_j` along `dim`: the gradient of [`log_softmax`](Self::log_softmax) from its output, this
    /// tensor.
    ///
    /// # Panics
    /// If the shapes differ or the dimension is out of range.
    #[track_caller]
    pub fn log_softmax_gradient(&self, g: &Self, dim: isize) -> Self {
        self.gradient_over_rows(g, "log_softmax_gradient", dim, softmax::log_softmax_gradient)
    }

    /// `kernel(out, y, g, width)` with dimension `dim` of all made the last.
    #[track_caller]
    fn gradient_over_rows(
        &self,
        g: &Self,
        operation: &str,
        dim: isize,
        kernel: impl FnOnce(&mut [T], &[T], &[T], usize),
    ) -> Self {
        let dim = resolve_dim(operation, dim, self.rank());
        assert!(
            self.shape() == g.shape(),
            "{operation}: a gradient of shape {:?} for an output of shape {:?}",
            g.shape(),
            self.shape()
        );
        let g = g.transpose(dim as isize, self.rank() as isize - 1).row_major();
        self.over_rows(dim, |out, y, width| kernel(out, y, &g, width))
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

    /// The gradients against their formulas, element by element.
    #[test]
    fn gradients_equal_their_formulas() {
        let mut generator = crate::random::Generator::new(8, 0);
        for shape in [&[1, 1][..], &[3, 7], &[5, 16], &[2, 3, 131], &[40, 1009], &[0, 3]] {
            let (x, g) = (generator.normal::<f64>(shape, 0.0, 2.0), generator.normal::<f64>(shape, 0.0, 1.0));
            for dim in 0..shape.len() as isize {
                let y = x.softmax(dim);
                let want = &y * &(&g - &(&g * &y).sum_dims(&[dim], true));
                assert!(y.softmax_gradient(&g, dim).relative_difference(&want) < 1e-12, "softmax {shape:?}, {dim}");
                let y = x.log_softmax(dim);
                let want = &g - &(&y.exp() * &g.sum_dims(&[dim], true));
                assert!(y.log_softmax_gradient(&g, dim).relative_difference(&want) < 1e-12, "log {shape:?}, {dim}");
            }
        }
    }

    #[test]
    fn any_dimension_sums_to_one() {
        let x = Tensor::from_fn([2, 3, 4], |i| (i * i % 7) as f64);
        for dim in -3..3 {
            let sums = x.softmax(dim).sum_dims(&[dim], false);
            assert!(sums.to_vec().iter().all(|s| (s - 1.0).abs() < 1e-12), "dim {dim}");
            assert!(x.softmax(dim).log().relative_difference(&x.log_softmax(dim)) < 1e-12, "dim {dim}");
        }
    }
}
