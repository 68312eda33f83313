//! Distances and angles between vectors.

use gradus_tensor::{Float, resolve_dim};

use crate::ops::dims::common_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x1 . x2 / (|x1| |x2|)` along `dim`, each length at least `eps`, with broadcasting (PyTorch's
    /// `functional.cosine_similarity`, whose `dim` is 1 and `eps` 1e-8). As in PyTorch the gradient takes no notice of
    /// `eps`.
    ///
    /// # Panics
    /// If the shapes do not broadcast or the dimension is out of range.
    #[track_caller]
    pub fn cosine_similarity(&self, other: &Self, dim: isize, eps: f64) -> Self {
        let shape = common_shape("cosine_similarity", [self.shape(), other.shape()]);
        resolve_dim("cosine_similarity", dim, shape.len());
        let unit = |x: &Self| {
            let x = x.broadcast_to(&shape);
            let length = x.norm_dims(2.0, &[dim], true);
            let eps = T::from_f64(eps);
            let raised = length.value().map(|length| if length < eps { eps - length } else { T::zero() });
            &x / &(length + Self::new(raised))
        };
        (unit(self) * unit(other)).sum_dims(&[dim], false)
    }

    /// The `p`-norm of `x1 - x2 + eps` along the last dimension, which disappears, or keeps size 1 with `keep_dim`
    /// (PyTorch's `functional.pairwise_distance`, whose `p` is 2 and `eps` 1e-6).
    ///
    /// # Panics
    /// If the shapes do not broadcast or have no dimension.
    #[track_caller]
    pub fn pairwise_distance(&self, other: &Self, p: f64, eps: f64, keep_dim: bool) -> Self {
        common_shape("pairwise_distance", [self.shape(), other.shape()]);
        (self - other + T::from_f64(eps)).norm_of("pairwise_distance", p, &[-1], keep_dim)
    }

    /// `x / max(|x|, eps)`, with the `p`-norm along `dim` (PyTorch's `functional.normalize`, whose `p` is 2, `dim` 1
    /// and `eps` 1e-12).
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn normalize(&self, p: f64, dim: isize, eps: f64) -> Self {
        self / &self.norm_of("normalize", p, &[dim], true).clamp(Some(T::from_f64(eps)), None)
    }
}
