//! Two-dimensional max pooling. Its gradient scatters to the places of the maxima, whose gradient gathers from them.

use gradus_tensor::{Float, MaxPlaces, Pool2dOptions};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The largest element of every window: `[.., H, W] -> [.., H', W']`. Of equals the first gets the gradient, as in
    /// PyTorch.
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool2d(&self, options: Pool2dOptions) -> Self {
        let (value, places) = self.value().max_pool2d(options);
        Self::recorded(value, &[self], || MaxPool2d { places })
    }
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
