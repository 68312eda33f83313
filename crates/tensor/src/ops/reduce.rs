//! Sums, means and maxima over all elements or along dimensions.

use crate::element::{Element, Float};
use crate::kernels::reduce;
use crate::shape::{Dims, numel, resolve_dim};
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// The sum of all elements, as a scalar tensor. The order of additions is fixed by the size alone.
    pub fn sum(&self) -> Self {
        Self::scalar(reduce::sum(&self.row_major()))
    }

    /// The sum of the squares of all elements, as a scalar tensor; added up in the order of [`sum`](Self::sum).
    pub fn sum_of_squares(&self) -> Self {
        Self::scalar(reduce::sum_of_squares(&self.row_major()))
    }

    /// The mean of all elements, as a scalar tensor; NaN of none.
    pub fn mean(&self) -> Self {
        &self.sum() / T::from_f64(self.numel() as f64)
    }

    /// The sums along `dims`, which disappear, or keep size 1 with `keep_dim`. No dims: the tensor itself.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn sum_dims(&self, dims: &[isize], keep_dim: bool) -> Self {
        let reduced = self.reduced_dims("sum_dims", dims);
        let mut sum = self.clone();
        let mut end = reduced.len();
        // Runs of neighbouring dimensions are summed as one, the last run first.
        while let Some(last) = reduced[..end].iter().rposition(|&r| r) {
            let first = reduced[..last].iter().rposition(|&r| !r).map_or(0, |i| i + 1);
            sum = sum.sum_run(first, last + 1);
            end = first;
        }
        sum.reshape(self.shape_without(&reduced, keep_dim))
    }

    /// The means along `dims`, as [`sum_dims`](Self::sum_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn mean_dims(&self, dims: &[isize], keep_dim: bool) -> Self {
        let count: usize = dims.iter().map(|&d| self.size(d)).product();
        &self.sum_dims(dims, keep_dim) / T::from_f64(count as f64)
    }

    /// The largest element along `dim` and the place where it first stands. NaN counts as largest, as in PyTorch.
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn max_dim(&self, dim: isize, keep_dim: bool) -> (Self, Tensor<i64>) {
        let at = resolve_dim("max_dim", dim, self.rank());
        assert!(self.shape()[at] > 0, "max_dim: dimension {at} of shape {:?} is empty", self.shape());
        let mut reduced = vec![false; self.rank()];
        reduced[at] = true;
        let shape = self.shape_without(&reduced, keep_dim);
        let (x, inner) = (self.row_major(), numel(&self.shape()[at + 1..]));
        Self::build2(&shape, &shape, |values, places| {
            reduce::max_middle(values, places, &x, self.shape()[at], inner);
        })
    }

    /// Where the largest element along `dim` first stands; see [`max_dim`](Self::max_dim).
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn argmax(&self, dim: isize) -> Tensor<i64> {
        self.max_dim(dim, false).1
    }

    /// Sums of this tensor that broadcasting `shape` to this tensor's shape repeats: the gradient of a broadcast.
    ///
    /// # Panics
    /// If `shape` does not broadcast to this tensor's shape.
    #[track_caller]
    pub fn sum_to(&self, shape: impl AsRef<[usize]>) -> Self {
        let shape = shape.as_ref();
        if self.shape() == shape {
            return self.clone();
        }
        assert!(
            crate::shape::broadcast_shapes(self.shape(), shape).as_deref() == Some(self.shape()),
            "sum_to: shape {shape:?} does not broadcast to {:?}",
            self.shape()
        );
        let added = self.rank() - shape.len();
        let repeated = |&i: &usize| i < added || (shape[i - added] == 1 && self.shape()[i] != 1);
        let dims: Vec<isize> = (0..self.rank()).filter(repeated).map(|i| i as isize).collect();
        self.sum_dims(&dims, true).reshape(shape)
    }

    /// Sums over dimensions `first..end`, which become one of size 1 each.
    fn sum_run(&self, first: usize, end: usize) -> Self {
        let (middle, inner) = (numel(&self.shape()[first..end]), numel(&self.shape()[end..]));
        let mut shape = self.layout.shape.clone();
        shape[first..end].fill(1);
        Self::build(&shape, |out| reduce::sum_middle(out, &self.row_major(), middle, inner))
    }
}

impl<T: Element> Tensor<T> {
    /// For each dimension whether it is among `dims`.
    #[track_caller]
    pub(crate) fn reduced_dims(&self, operation: &str, dims: &[isize]) -> Vec<bool> {
        let mut reduced = vec![false; self.rank()];
        for &dim in dims {
            let at = resolve_dim(operation, dim, self.rank());
            assert!(!reduced[at], "{operation}: dimension {dim} is named twice");
            reduced[at] = true;
        }
        reduced
    }

    /// This shape without the reduced dimensions, or with size 1 for each.
    pub(crate) fn shape_without(&self, reduced: &[bool], keep_dim: bool) -> Dims {
        let sizes = self.shape().iter().zip(reduced);
        if keep_dim {
            sizes.map(|(&n, &r)| if r { 1 } else { n }).collect()
        } else {
            sizes.filter(|(_, r)| !**r).map(|(&n, _)| n).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn sums_along_dimensions_equal_ndarray() {
        let x = Tensor::from_fn([2, 3, 4], |i| (i * i % 19) as f64);
        let check = |x: &Tensor<f64>, dims: &[isize], shape: &[usize]| {
            let mut want = x.to_ndarray();
            let mut axes: Vec<usize> = dims.iter().map(|&d| if d < 0 { d + 3 } else { d } as usize).collect();
            axes.sort_unstable();
            for axis in axes.into_iter().rev() {
                want = want.sum_axis(ndarray::Axis(axis));
            }
            let got = x.sum_dims(dims, false);
            assert_eq!((got.shape(), got.to_ndarray()), (shape, want), "dims {dims:?}");
        };
        for (dims, shape) in [
            (&[][..], &[2, 3, 4][..]),
            (&[0], &[3, 4]),
            (&[1], &[2, 4]),
            (&[-1], &[2, 3]),
            (&[0, 1], &[4]),
            (&[2, 0], &[3]),
            (&[0, 1, 2], &[]),
        ] {
            check(&x, dims, shape);
        }
        check(&x.permute(&[2, 0, 1]), &[1, 2], &[4]);
        assert_eq!(x.sum_dims(&[0, 2], true).shape(), [1, 3, 1]);
        assert_eq!(Tensor::<f32>::zeros([0, 3]).sum_dims(&[0], false).to_vec(), [0.0; 3]);
        assert_eq!(x.sum_to([3, 1]).to_vec(), x.sum_dims(&[0, 2], false).to_vec());
    }

    #[test]
    fn maxima_take_the_first_of_equals_and_nan_above_all() {
        let x = Tensor::from_vec(vec![1.0f32, 3.0, 3.0, f32::NAN, 9.0, f32::NAN], [2, 3]);
        let (values, places) = x.max_dim(1, false);
        assert_eq!((values.at(&[0]), values.at(&[1]).is_nan()), (3.0, true));
        assert_eq!(places.to_vec(), [1, 0]);
        assert_eq!(x.slice(0, 0..1).argmax(0).to_vec(), [0, 0, 0]);
        assert_eq!(x.transpose(0, 1).slice(0, 0..2).argmax(0).to_vec(), [1, 0]);
    }

    #[test]
    #[should_panic(expected = "max_dim: dimension 0 of shape [0, 3] is empty")]
    fn the_maximum_of_nothing_is_an_error() {
        Tensor::<f32>::zeros([0, 3]).argmax(0);
    }
}
