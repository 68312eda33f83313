//! Running sums, products and maxima along a dimension.

use crate::element::Float;
use crate::kernels::scan::scan;
use crate::shape::{numel, resolve_dim};
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// The sums of each element and all before it along `dim`.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn cumsum(&self, dim: isize) -> Self {
        self.scanned("cumsum", self, dim, |sum, x, _| sum.unwrap_or(0.0) + x)
    }

    /// `y[i] = x[i] y[i - 1] + b[i]` along `dim`, from `y[0] = b[0]` on, x being this tensor.
    ///
    /// # Panics
    /// If the shapes differ or the dimension is out of range.
    #[track_caller]
    pub fn linear_recurrence(&self, b: &Self, dim: isize) -> Self {
        self.scanned("linear_recurrence", b, dim, |y, x, b| y.map_or(b, |y| x * y + b))
    }

    /// The logarithms of the sums of `e^x` over each element and all before it along `dim`.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn logcumsumexp(&self, dim: isize) -> Self {
        self.scanned("logcumsumexp", self, dim, |sum, x, _| match sum {
            Some(sum) if sum != x || sum.is_finite() => {
                let (least, most) = if sum < x { (sum, x) } else { (x, sum) };
                most + (least - most).exp().ln_1p()
            }
            _ => x,
        })
    }

    /// The place along `dim` of the largest of each element and all before it, the last of equals. A NaN counts as
    /// largest.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn cummax_places(&self, dim: isize) -> Tensor<i64> {
        let at = resolve_dim("cummax", dim, self.rank());
        let (middle, inner) = (self.shape()[at], numel(&self.shape()[at + 1..]));
        let x = self.row_major();
        Tensor::build(self.shape(), |out| {
            for i in 0..out.len() {
                let place = i / inner % middle;
                let before = if place == 0 { 0 } else { out[i - inner] as usize };
                let largest = x[i - (place - before) * inner];
                let holds = largest > x[i] || (largest.is_nan() && !x[i].is_nan());
                out[i] = if holds { before } else { place } as i64;
            }
        })
    }

    #[track_caller]
    fn scanned(&self, operation: &str, b: &Self, dim: isize, f: impl Fn(Option<f64>, f64, f64) -> f64 + Sync) -> Self {
        assert!(self.shape() == b.shape(), "{operation}: shapes {:?} and {:?} differ", self.shape(), b.shape());
        let at = resolve_dim(operation, dim, self.rank());
        let sizes = (self.shape()[at], numel(&self.shape()[at + 1..]));
        let (a, b) = (self.row_major(), b.row_major());
        Self::build(self.shape(), |out| scan(out, (&a, &b), sizes, f))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn running_results_equal_naive_ones() {
        let x = Tensor::from_fn([2, 4, 3], |i| (i * 7 % 11) as f64 - 3.0);
        let (sums, products) = (x.cumsum(1), x.linear_recurrence(&x, -1));
        let (logs, places) = (x.logcumsumexp(0), x.cummax_places(1));
        for (o, m, i) in (0..24).map(|i| (i / 12, i / 3 % 4, i % 3)) {
            let until = |m: usize| (0..=m).map(|m| x.at(&[o, m, i]));
            assert_eq!(sums.at(&[o, m, i]), until(m).sum::<f64>());
            let place = places.at(&[o, m, i]) as usize;
            assert!(place <= m && until(m).all(|other| other <= x.at(&[o, place, i])));
            let before = if i == 0 { 0.0 } else { products.at(&[o, m, i - 1]) };
            assert_eq!(products.at(&[o, m, i]), x.at(&[o, m, i]) * before + x.at(&[o, m, i]));
            let sum: f64 = (0..=o).map(|o| x.at(&[o, m, i]).exp()).sum();
            assert!((logs.at(&[o, m, i]) - sum.ln()).abs() < 1e-12);
        }
        let hard = Tensor::from_vec(vec![f64::NEG_INFINITY, f64::NEG_INFINITY, 800.0, 800.0, f64::INFINITY], [5]);
        let logs = hard.logcumsumexp(0).to_vec();
        assert_eq!(logs, [f64::NEG_INFINITY, f64::NEG_INFINITY, 800.0, 800.0 + 2f64.ln(), f64::INFINITY]);
    }
}
