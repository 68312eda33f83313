//! Elements in order, and those at a place of that order.

use gradus_tensor::{Dims, Float, Tensor};

use crate::ops::reduction::extreme::equal_share;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The elements along `dim` from the smallest to the largest, or from the largest where `descending`, and their
    /// places. Equal elements stay in order. NaN counts as largest.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn sort(&self, dim: isize, descending: bool) -> (Self, Tensor<i64>) {
        let (at, _) = self.dim_and_size("sort", dim);
        self.at_places(at as isize, true, self.value().argsort(dim, descending))
    }

    /// The `k` largest elements along `dim`, or the smallest where not `largest`, in order, and their places.
    ///
    /// # Panics
    /// If there are fewer elements, or the dimension is out of range.
    #[track_caller]
    pub fn topk(&self, k: usize, dim: isize, largest: bool) -> (Self, Tensor<i64>) {
        let (at, size) = self.dim_and_size("topk", dim);
        assert!(k <= size, "topk: {k} of the {size} elements along dimension {dim} of shape {:?}", self.shape());
        self.at_places(at as isize, true, self.value().argsort(dim, largest).slice(dim, 0..k))
    }

    /// The `k`-th smallest element along `dim`, counted from 1, and its place.
    ///
    /// # Panics
    /// If there is no such element, or the dimension is out of range.
    #[track_caller]
    pub fn kthvalue(&self, k: usize, dim: isize, keep_dim: bool) -> (Self, Tensor<i64>) {
        let (at, size) = self.dim_and_size("kthvalue", dim);
        assert!(
            (1..=size).contains(&k),
            "kthvalue: number {k} of the {size} elements along dimension {dim} of shape {:?}",
            self.shape()
        );
        self.at_places(at as isize, keep_dim, self.value().argsort(dim, false).slice(dim, k - 1..k))
    }

    /// The `q`-quantiles along `dim`, `q` from 0 to 1: of the elements in order that at place `q (n - 1)`, and between
    /// two places on the line from one to the other. NaN where an element is, which then has the gradient.
    ///
    /// # Panics
    /// If `q` or the dimension is out of range, or the dimension is of size 0.
    #[track_caller]
    pub fn quantile(&self, q: f64, dim: isize, keep_dim: bool) -> Self {
        let (at, size) = self.dim_and_size("quantile", dim);
        assert!(
            (0.0..=1.0).contains(&q) && size > 0,
            "quantile: {q} of the {size} elements along dimension {dim} of shape {:?}",
            self.shape()
        );
        let place = q * (size - 1) as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let order = self.value().argsort(dim, false);
        let number = |place: usize| self.at_places(at as isize, keep_dim, order.slice(dim, place..place + 1)).0;
        let (below, weight) = (number(below), T::from_f64(place - below as f64));
        let quantile = &below + &((number(above) - &below) * weight);
        // NaN comes last in order.
        let last = number(size - 1);
        quantile.where_(&last.value().map(|x| !x.is_nan()), &last)
    }

    /// The median, the lower one where there are two, as a scalar; NaN where an element is. Equal ones share the
    /// gradient evenly.
    ///
    /// # Panics
    /// If there is no element.
    #[track_caller]
    pub fn median(&self) -> Self {
        assert!(self.numel() > 0, "median: shape {:?} has no element", self.shape());
        let list = Self::new(self.value().reshape([self.numel()]));
        let (median, _) = list.median_dim(0, false);
        equal_share(self, median.into_value(), Dims::from_elem(1, self.shape().len()))
    }

    /// The medians along `dim`, the lower one where there are two, and their places. NaN where an element is.
    ///
    /// # Panics
    /// If the dimension is out of range or of size 0.
    #[track_caller]
    pub fn median_dim(&self, dim: isize, keep_dim: bool) -> (Self, Tensor<i64>) {
        let (at, size) = self.dim_and_size("median", dim);
        assert!(size > 0, "median: dimension {dim} of shape {:?} is empty", self.shape());
        let order = self.value().argsort(dim, false);
        let middle = order.slice(dim, (size - 1) / 2..(size - 1) / 2 + 1);
        // NaN comes last in the order, and is the maximum.
        let (largest, first) = self.value().max_dim(dim, true);
        let nan = largest.zip_map(&first, "median", |x, place| if x.is_nan() { place } else { -1 });
        let places = middle.zip_map(&nan, "median", |middle, nan| if nan < 0 { middle } else { nan });
        self.at_places(at as isize, keep_dim, places)
    }
}
