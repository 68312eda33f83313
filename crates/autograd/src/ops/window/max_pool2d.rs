//! Two-dimensional max pooling. Its gradient scatters to the places of the maxima, whose gradient gathers from them.

use gradus_tensor::{Float, MaxPlaces, MaxPoolOptions};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// The largest element of every window: `[.., H, W] -> [.., H', W']`, and where it was.
#[track_caller]
pub(super) fn max_pool2d<T: Float>(x: &Var<T>, options: MaxPoolOptions<2>) -> (Var<T>, MaxPlaces) {
    let (value, places) = x.value().max_pool2d(options);
    (Var::recorded(value, &[x], || MaxPool2d { places: places.clone() }), places)
}

/// `dx = scatter(g)`.
struct MaxPool2d {
    places: MaxPlaces,
}

impl<T: Float> Rule<T> for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(scatter(context.gradient(), &self.places))]
    }
}

fn scatter<T: Float>(x: &Var<T>, places: &MaxPlaces) -> Var<T> {
    let value = x.value().scatter_planes(places);
    Var::recorded(value, &[x], || ScatterPlanes { places: places.clone() })
}

/// `dx = gather(g)`.
struct ScatterPlanes {
    places: MaxPlaces,
}

impl<T: Float> Rule<T> for ScatterPlanes {
    fn name(&self) -> &'static str {
        "scatter_planes"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let rule = || GatherPlanes { places: self.places.clone() };
        smallvec![Some(Var::recorded(g.value().gather_planes(&self.places), &[g], rule))]
    }
}

/// `dx = scatter(g)`.
struct GatherPlanes {
    places: MaxPlaces,
}

impl<T: Float> Rule<T> for GatherPlanes {
    fn name(&self) -> &'static str {
        "gather_planes"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(scatter(context.gradient(), &self.places))]
    }
}
