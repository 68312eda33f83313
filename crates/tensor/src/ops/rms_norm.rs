//! Root-mean-square normalisation and its gradient.

use crate::element::Float;
use crate::kernels::layer_norm as kernel;
use crate::ops::layer_norm::{LayerNormMoments, check};
use crate::shape::numel;
use crate::tensor::Tensor;

impl<T: Float> Tensor<T> {
    /// `x / sqrt(mean of squares + eps) weight`, the mean taken over the last dimensions, which are `normalized_shape`
    /// (PyTorch's `functional.rms_norm`; Zhang and Sennrich, arXiv:1910.07467), and what the gradient needs. Without
    /// weight it is 1.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn rms_norm(&self, normalized_shape: &[usize], weight: Option<&Self>, eps: f64) -> (Self, LayerNormMoments<T>) {
        check("rms_norm", self.shape(), normalized_shape, &[weight]);
        let x = self.row_major();
        let weight = Self::or_full(weight, normalized_shape, T::one()).row_major();
        let bias = Self::zeros(normalized_shape).row_major();
        let rows = numel(&self.shape()[..self.rank() - normalized_shape.len()]);
        let (y, moments) = Self::build2(self.shape(), &[rows, 2], |y, moments: &mut [T]| {
            kernel::forward::<T, false>(y, moments.as_chunks_mut().0, &x, (&weight, &bias), T::from_f64(eps));
        });
        (y, LayerNormMoments(moments))
    }

    /// The gradients of [`rms_norm`](Self::rms_norm) of this tensor, with respect to it and to the weight, from that of
    /// its output and the moments that it gave.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn rms_norm_gradient(
        &self,
        dy: &Self,
        LayerNormMoments(moments): &LayerNormMoments<T>,
        normalized_shape: &[usize],
        weight: Option<&Self>,
    ) -> [Self; 2] {
        check("rms_norm_gradient", self.shape(), normalized_shape, &[weight]);
        assert!(
            dy.shape() == self.shape(),
            "rms_norm_gradient: a gradient of shape {:?} for an input of shape {:?}",
            dy.shape(),
            self.shape()
        );
        let (x, dy, moments) = (self.row_major(), dy.row_major(), moments.row_major());
        let weight = Self::or_full(weight, normalized_shape, T::one()).row_major();
        let affine_shape: Vec<usize> = [2].into_iter().chain(normalized_shape.iter().copied()).collect();
        let mut affine = Self::zeros(&affine_shape);
        let dx = Self::build(self.shape(), |dx| {
            kernel::backward::<T, false>(dx, affine.as_mut_slice(), &dy, &x, moments.as_chunks().0, &weight);
        });
        [dx, affine.select(0, 0)]
    }
}
