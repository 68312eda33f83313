//! Dimensions moved elsewhere, the others staying in order.

use gradus_tensor::{Dims, Float};

use crate::ops::dims::resolved;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Dimension `source[i]` moved to place `destination[i]`; the others stay in their order.
    ///
    /// # Panics
    /// If a dimension is out of range or named twice, or the lists have different lengths.
    #[track_caller]
    pub fn movedim(&self, source: &[isize], destination: &[isize]) -> Self {
        let rank = self.shape().len();
        let (from, to) = (resolved("movedim", source, rank), resolved("movedim", destination, rank));
        let twice = |dims: &Dims| dims.iter().enumerate().any(|(i, dim)| dims[..i].contains(dim));
        assert!(
            from.len() == to.len() && !twice(&from) && !twice(&to),
            "movedim: {source:?} cannot move to {destination:?} in shape {:?}",
            self.shape()
        );
        let mut others = (0..rank).filter(|dim| !from.contains(dim));
        let place = |i| match to.iter().position(|&place| place == i) {
            Some(moved) => from[moved],
            None => others.next().expect("there are as many places as dimensions"),
        };
        let order: Dims = (0..rank).map(place).collect();
        self.permute(&order)
    }
}
