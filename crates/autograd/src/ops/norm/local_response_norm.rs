//! Local response normalisation.

use gradus_tensor::Float;

use crate::ops::shape::pad::PadMode;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x / (k + alpha m)^beta` of `x` `[N, C, ..]`, with m the sum over `size` neighbouring channels of `x^2` divided
    /// by `size`, channels outside being 0 (PyTorch's `functional.local_response_norm`, with alpha 1e-4, beta 0.75 and
    /// k 1 by default; Krizhevsky et al., NIPS 2012).
    ///
    /// # Panics
    /// If there are fewer than three dimensions or `size` is 0.
    #[track_caller]
    pub fn local_response_norm(&self, size: usize, alpha: f64, beta: f64, k: f64) -> Self {
        let shape = self.shape();
        assert!(shape.len() >= 3, "local_response_norm: input {shape:?} must be [N, C, ..]");
        assert!(size > 0, "local_response_norm: a size of 0");
        let mut padding = vec![0; 2 * (shape.len() - 1)];
        let ends = padding.len() - 2;
        padding[ends] = (size / 2) as isize;
        padding[ends + 1] = ((size - 1) / 2) as isize;
        let squares = (self * self).pad(&padding, PadMode::Constant(T::zero()));
        let windows = (0..size).map(|i| squares.slice(1, i..i + shape[1]));
        let sum = windows.reduce(|a, b| a + b).expect("the size is not 0");
        let divisor = sum * T::from_f64(alpha / size as f64) + T::from_f64(k);
        self / &divisor.pow(T::from_f64(beta))
    }
}
