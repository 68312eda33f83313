//! Smallest and largest elements. The largest along one dimension is in `reduce.rs`.

use crate::element::{Element, Float};
use crate::shape::Dims;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// The smallest element along `dim` and the place where it first stands. NaN counts as smallest, as in PyTorch.
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn min_dim(&self, dim: isize, keep_dim: bool) -> (Self, Tensor<i64>) {
        let (values, places) = (-self).max_dim(dim, keep_dim);
        (-&values, places)
    }

    /// Where the smallest element along `dim` first stands; see [`min_dim`](Self::min_dim).
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn argmin(&self, dim: isize) -> Tensor<i64> {
        self.min_dim(dim, false).1
    }

    /// The largest elements along `dims`, which disappear, or keep size 1 with `keep_dim`. NaN counts as largest. No
    /// dims: the tensor itself.
    ///
    /// # Panics
    /// If a dimension is out of range, named twice or of size 0.
    #[track_caller]
    pub fn amax(&self, dims: &[isize], keep_dim: bool) -> Self {
        let reduced = self.reduced_dims("amax", dims);
        let named = (0..self.rank()).filter(|&dim| reduced[dim]);
        let largest = named.fold(self.clone(), |x, dim| x.max_dim(dim as isize, true).0);
        largest.reshape(self.shape_without(&reduced, keep_dim))
    }

    /// The smallest elements along `dims`, as [`amax`](Self::amax).
    ///
    /// # Panics
    /// If a dimension is out of range, named twice or of size 0.
    #[track_caller]
    pub fn amin(&self, dims: &[isize], keep_dim: bool) -> Self {
        -&(-self).amax(dims, keep_dim)
    }
}

impl<T: Element> Tensor<T> {
    /// How many elements along `dims` are not zero (or false). The dims disappear, or keep size 1 with `keep_dim`.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn count_nonzero_dims(&self, dims: &[isize], keep_dim: bool) -> Tensor<i64> {
        let reduced = self.reduced_dims("count_nonzero", dims);
        let mut counts = self.map(|x| i64::from(x != T::default())).to_ndarray();
        for axis in (0..self.rank()).rev().filter(|&dim| reduced[dim]) {
            counts = counts.sum_axis(ndarray::Axis(axis));
        }
        Tensor::from(counts).reshape(self.shape_without(&reduced, keep_dim))
    }

    /// Whether all elements along `dims` are true (or not zero), as [`count_nonzero_dims`](Self::count_nonzero_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn all_dims(&self, dims: &[isize], keep_dim: bool) -> Tensor<bool> {
        let sizes: Dims = dims.iter().map(|&dim| self.size(dim)).collect();
        let every = crate::shape::numel(&sizes) as i64;
        self.count_nonzero_dims(dims, keep_dim).map(move |count| count == every)
    }

    /// Whether any element along `dims` is true (or not zero), as [`count_nonzero_dims`](Self::count_nonzero_dims).
    ///
    /// # Panics
    /// If a dimension is out of range or named twice.
    #[track_caller]
    pub fn any_dims(&self, dims: &[isize], keep_dim: bool) -> Tensor<bool> {
        self.count_nonzero_dims(dims, keep_dim).map(|count| count > 0)
    }

    /// Whether all elements are true (or not zero).
    pub fn all(&self) -> bool {
        self.count_nonzero() == self.numel()
    }

    /// Whether any element is true (or not zero).
    pub fn any(&self) -> bool {
        self.view().iter().any(|&x| x != T::default())
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn extremes_and_counts_along_dimensions() {
        let x = Tensor::from_vec(vec![1.0f32, -3.0, 0.0, 5.0, -3.0, 2.0], [2, 3]);
        assert_eq!(x.amax(&[0, 1], false).item(), 5.0);
        assert_eq!(x.amin(&[-1], true), Tensor::from_vec(vec![-3.0, -3.0], [2, 1]));
        assert_eq!((x.argmin(1).to_vec(), x.argmin(0).to_vec()), (vec![1, 1], vec![0, 0, 0]));
        let nan = x.map(|x| if x == 0.0 { f32::NAN } else { x });
        assert!(nan.amin(&[0, 1], false).item().is_nan() && nan.amax(&[0, 1], false).item().is_nan());
        assert_eq!(x.count_nonzero_dims(&[0], false).to_vec(), [2, 2, 1]);
        assert_eq!(x.all_dims(&[1], true), Tensor::from_vec(vec![false, true], [2, 1]));
        assert_eq!((x.any(), x.all(), x.any_dims(&[], false).count()), (true, false, 5));
        assert!(Tensor::<bool>::zeros([0]).all() && !Tensor::<bool>::zeros([0]).any());
    }
}
