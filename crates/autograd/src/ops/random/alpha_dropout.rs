//! Dropout that keeps mean 0 and variance 1, for self-normalising networks.

use gradus_tensor::Float;

use super::{channels, kept};
use crate::var::Var;

/// Minus the limit of SELU at minus infinity: its scale times its alpha.
const ALPHA: f64 = 1.758_099_340_847_376_6;

impl<T: Float> Var<T> {
    /// `y = a (x m - alpha (1 - m)) + a alpha p` with a mask `m` that is 0 with probability `p`, else 1, drawn from
    /// this thread's [`Purpose::Dropout`](gradus_tensor::random::Purpose::Dropout) stream, `alpha = 1.7581` and
    /// `a = ((1 - p) (1 + p alpha^2))^(-1/2)`: mean 0 and variance 1 stay (PyTorch's `functional.alpha_dropout` in
    /// training; Klambauer et al., NeurIPS 2017). Zeros where `p` is 1.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn alpha_dropout(&self, p: f64) -> Self {
        self.alpha_drop("alpha_dropout", p, self.shape())
    }

    /// [`alpha_dropout`](Self::alpha_dropout) of whole channels: one draw for each sample and channel of `[N, C, ..]`
    /// (PyTorch's `functional.feature_alpha_dropout` in training).
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`, or there are fewer than two dimensions.
    #[track_caller]
    pub fn feature_alpha_dropout(&self, p: f64) -> Self {
        self.alpha_drop("feature_alpha_dropout", p, &channels("feature_alpha_dropout", self.shape()))
    }

    #[track_caller]
    fn alpha_drop(&self, operation: &str, p: f64, mask_shape: &[usize]) -> Self {
        let mask = kept::<T>(operation, mask_shape, p);
        let a = if p < 1.0 { ((1.0 - p) * (1.0 + p * ALPHA * ALPHA)).sqrt().recip() } else { 0.0 };
        let number = T::from_f64;
        let factor = mask.map(|m| number(a) * m);
        let shift = mask.map(|m| number(a * ALPHA * p) - number(a * ALPHA) * (T::one() - m));
        self * Self::new(factor) + Self::new(shift)
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;
    use gradus_tensor::random::{Generator, manual_seed};

    use super::*;

    fn moments(x: &Tensor<f64>) -> (f64, f64) {
        let (values, n) = (x.to_vec(), x.numel() as f64);
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n)
    }

    #[test]
    fn mean_and_variance_stay_and_dropped_elements_share_one_value() {
        manual_seed(4);
        let x = Var::new(Generator::new(2, 0).normal::<f64>([400, 500], 0.0, 1.0)).requires_grad_();
        for p in [0.1, 0.5] {
            let y = x.alpha_dropout(p);
            let (mean, variance) = moments(y.value());
            assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "p = {p}: {mean}, {variance}");
            let a = ((1.0 - p) * (1.0 + p * ALPHA * ALPHA)).sqrt().recip();
            let dropped = a * ALPHA * (p - 1.0);
            let share = y.value().to_vec().iter().filter(|y| (*y - dropped).abs() < 1e-12).count() as f64 / 200_000.0;
            assert!((share - p).abs() < 0.01, "p = {p}: {share} dropped");
            x.zero_grad();
            y.sum().backward().unwrap();
            let kept = y.value().map(|y| if (y - dropped).abs() < 1e-12 { 0.0 } else { a });
            assert!(x.grad().unwrap().relative_difference(&kept) < 1e-12);
        }
        assert_eq!(Var::<f64>::new(Tensor::ones([3])).alpha_dropout(1.0).value(), &Tensor::zeros([3]));
        assert_eq!(Var::<f64>::new(Tensor::ones([3])).alpha_dropout(0.0).value(), &Tensor::ones([3]));
    }

    #[test]
    fn channels_are_dropped_whole() {
        manual_seed(5);
        let y = Var::new(Tensor::<f64>::ones([40, 50, 3, 2])).feature_alpha_dropout(0.3);
        let planes = y.value().reshape([2000, 6]).to_vec();
        assert!(planes.chunks(6).all(|plane| plane.iter().all(|x| *x == plane[0])));
        let dropped = planes.chunks(6).filter(|plane| plane[0] < 0.0).count() as f64 / 2000.0;
        assert!((dropped - 0.3).abs() < 0.04, "{dropped}");
    }
}
