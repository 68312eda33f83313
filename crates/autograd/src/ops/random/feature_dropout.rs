//! Dropout of whole channels.

use gradus_tensor::Float;

use super::{channels, kept};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// [`dropout`](Self::dropout) of whole channels: one draw for each of the C sequences of `[N, C, L]` or `[C, L]`
    /// (PyTorch's `functional.dropout1d`; Tompson et al., CVPR 2015). Kept channels are divided by `1 - p`.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]` or the shape is another.
    #[track_caller]
    pub fn dropout1d(&self, p: f64) -> Self {
        self.drop_channels("dropout1d", p, &[3], Some(2))
    }

    /// [`dropout`](Self::dropout) of whole channels: one draw for each of the N x C planes of `[N, C, H, W]`, or
    /// sequences of `[N, C, L]` (PyTorch's `functional.dropout2d`, where three dimensions are always samples first).
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]` or the shape is another.
    #[track_caller]
    pub fn dropout2d(&self, p: f64) -> Self {
        self.drop_channels("dropout2d", p, &[3, 4], None)
    }

    /// [`dropout`](Self::dropout) of whole channels: one draw for each of the C volumes of `[N, C, D, H, W]` or
    /// `[C, D, H, W]` (PyTorch's `functional.dropout3d`).
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]` or the shape is another.
    #[track_caller]
    pub fn dropout3d(&self, p: f64) -> Self {
        self.drop_channels("dropout3d", p, &[5], Some(4))
    }

    /// One draw for each sample and channel of inputs of `batched` dimensions, each channel of one sample where there
    /// are `single`.
    #[track_caller]
    fn drop_channels(&self, operation: &str, p: f64, batched: &[usize], single: Option<usize>) -> Self {
        let rank = self.shape().len();
        let mask_shape = if batched.contains(&rank) {
            channels(operation, self.shape())
        } else {
            let fits = single == Some(rank);
            assert!(fits, "{operation}: an input of shape {:?} must have {batched:?} or {single:?} dims", self.shape());
            self.shape().iter().enumerate().map(|(dim, &size)| if dim == 0 { size } else { 1 }).collect()
        };
        let scale = T::from_f64(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
        self * Self::new(kept(operation, &mask_shape, p).map(|kept: T| kept * scale))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;
    use gradus_tensor::random::manual_seed;

    use super::*;

    /// The operation drops about a share of 0.25 of `channels` channels whole, scales the others by 4 / 3, and its
    /// gradient is what the elements were multiplied with.
    fn check(f: fn(&Var<f64>, f64) -> Var<f64>, shape: &[usize], channels: usize) {
        manual_seed(1);
        let x = Var::new(Tensor::from_fn(shape, |i| 1.0 + i as f64)).requires_grad_();
        let y = f(&x, 0.25);
        y.sum().backward().unwrap();
        let factor = (y.value() / x.value()).reshape([channels, x.numel() / channels]);
        let mut dropped = 0;
        for c in 0..channels {
            let values = factor.select(0, c).to_vec();
            let first = values[0].round();
            assert!(values.iter().all(|v| (v - if first > 0.0 { 4.0 / 3.0 } else { 0.0 }).abs() < 1e-14), "{values:?}");
            dropped += usize::from(first == 0.0);
        }
        assert!((dropped as f64 / channels as f64 - 0.25).abs() < 0.05, "{dropped} of {channels} dropped");
        assert!(x.grad().unwrap().relative_difference(&factor.reshape(shape)) < 1e-14);
        assert_eq!(f(&x, 1.0).value(), &Tensor::zeros(shape));
        assert_eq!(f(&x, 0.0).value(), x.value());
    }

    #[test]
    fn whole_channels_are_dropped() {
        check(Var::dropout1d, &[40, 50, 3], 2000);
        check(Var::dropout1d, &[2000, 3], 2000);
        check(Var::dropout2d, &[40, 50, 3, 2], 2000);
        check(Var::dropout2d, &[40, 50, 3], 2000);
        check(Var::dropout3d, &[40, 50, 1, 3, 2], 2000);
        check(Var::dropout3d, &[2000, 1, 3, 2], 2000);
    }

    #[test]
    #[should_panic(expected = "dropout1d: an input of shape [3]")]
    fn a_shape_without_channels_is_an_error() {
        let _ = Var::<f32>::new(Tensor::zeros([3])).dropout1d(0.5);
    }
}
