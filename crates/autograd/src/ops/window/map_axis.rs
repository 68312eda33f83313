//! A sparse linear map along one dimension, whose gradient is its transpose.

use gradus_tensor::{AxisMap, Float, resolve_dim};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `map` along dimension `dim`: every output is a weighted sum of a few inputs.
    ///
    /// # Panics
    /// If the dimension is out of range or has not the entries that the map maps from.
    #[track_caller]
    pub fn map_axis(&self, dim: isize, map: &AxisMap) -> Self {
        let rule = || MapAxis { dim: resolve_dim("map_axis", dim, self.shape().len()), map: map.clone() };
        Self::recorded(self.value().map_axis(dim, map), &[self], rule)
    }

    /// One map along each of the last dimensions.
    #[track_caller]
    pub(super) fn map_last<const D: usize>(&self, map: impl Fn(usize) -> AxisMap) -> Self {
        let rank = self.shape().len();
        let mut mapped = self.clone();
        for d in 0..D {
            mapped = mapped.map_axis((rank - D + d) as isize, &map(d));
        }
        mapped
    }
}

/// `dx` = the transposed map of `g`.
struct MapAxis {
    dim: usize,
    map: AxisMap,
}

impl<T: Float> Rule<T> for MapAxis {
    fn name(&self) -> &'static str {
        "map_axis"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().map_axis(self.dim as isize, &self.map.transposed()))]
    }
}
