//! Elements chosen, or replaced one after the other, by a mask.

use gradus_tensor::{Float, Tensor};

use crate::ops::dims::common_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The elements where the mask is true, as a list in row-major order; both broadcast.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn masked_select(&self, mask: &Tensor<bool>) -> Self {
        let shape = common_shape("masked_select", [self.shape(), mask.shape()]);
        self.broadcast_to(&shape).taken(&places(&mask.broadcast_to(&shape)))
    }

    /// This variable with the elements of `source`, in row-major order, in the places where the mask is true; the mask
    /// broadcasts.
    ///
    /// # Panics
    /// If the shapes do not broadcast, or the source has fewer elements than the mask has places.
    #[track_caller]
    pub fn masked_scatter(&self, mask: &Tensor<bool>, source: &Self) -> Self {
        let shape = common_shape("masked_scatter", [self.shape(), mask.shape()]);
        let (own, mask) = (self.broadcast_to(&shape), mask.broadcast_to(&shape));
        let places = places(&mask);
        assert!(
            places.numel() <= source.numel(),
            "masked_scatter: a source of shape {:?} for {} places of shape {shape:?}",
            source.shape(),
            places.numel()
        );
        let first = source.reshape([source.numel()]).slice(0, 0..places.numel());
        own.masked_fill(&mask, T::zero()) + first.put(&places, &shape)
    }
}

/// Where the mask is true, counted in row-major order.
fn places(mask: &Tensor<bool>) -> Tensor<i64> {
    let all = mask.to_vec();
    let places: Vec<i64> = (0..all.len()).filter(|&i| all[i]).map(|i| i as i64).collect();
    Tensor::from_slice(&places, [places.len()])
}
