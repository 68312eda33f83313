//! Elements that meet at places along a dimension, reduced.

use gradus_tensor::{Float, IndexError, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// What [`Var::scatter_reduce`] makes of elements that meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScatterReduction {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The largest; equal ones share the gradient evenly.
    Amax,
    /// The smallest; equal ones share the gradient evenly.
    Amin,
}

impl<T: Float> Var<T> {
    /// This variable where each place that an index along dimension `dim` names, as in [`scatter`](Self::scatter),
    /// holds the elements of `source` for it reduced to one, with its own element among them where `include_self`.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// As [`scatter`](Self::scatter).
    #[track_caller]
    pub fn scatter_reduce(
        &self,
        dim: isize,
        indices: &Tensor<i64>,
        source: &Self,
        reduction: ScatterReduction,
        include_self: bool,
    ) -> Result<Self, IndexError> {
        let places = indices.places_along("scatter_reduce", dim, self.shape())?;
        let source = source.cut_to("scatter_reduce", indices.shape());
        let counts = Tensor::<T>::ones(places.shape()).take_gradient(&places, self.shape());
        let left_out = counts.map(|count| !include_self && count > T::zero());
        let own = |nothing: T| if include_self { self.clone() } else { self.masked_fill(&left_out, nothing) };
        let summed = |own: Self| own + source.put(&places, self.shape());
        Ok(match reduction {
            ScatterReduction::Sum => summed(own(T::zero())),
            ScatterReduction::Mean => {
                let more = if include_self { T::one() } else { T::zero() };
                summed(own(T::zero())) / Self::new(counts.map(move |count| (count + more).max(T::one())))
            }
            ScatterReduction::Amax => {
                extreme(&own(T::neg_infinity()), &left_out, &places, &source, |x, y| x > y || x.is_nan())
            }
            ScatterReduction::Amin => {
                extreme(&own(T::infinity()), &left_out, &places, &source, |x, y| x < y || x.is_nan())
            }
        })
    }
}

/// For each element of `own` that one, of itself (unless it is `left_out`) and those of `source` for its place, that is
/// before the others.
fn extreme<T: Float>(
    own: &Var<T>,
    left_out: &Tensor<bool>,
    places: &Tensor<i64>,
    source: &Var<T>,
    before: impl Fn(T, T) -> bool,
) -> Var<T> {
    let all = Var::cat(&[own.reshape([own.numel()]), source.reshape([source.numel()])], 0);
    let targets = Tensor::cat(&[&Tensor::arange(own.numel()), &places.reshape([places.numel()])], 0);
    let (elements, to) = (all.value().to_vec(), targets.to_vec());
    let mut result = elements[..own.numel()].to_vec();
    for (&x, &place) in elements.iter().zip(&to) {
        let result = &mut result[place as usize];
        if before(x, *result) {
            *result = x;
        }
    }
    let value = Tensor::from_slice(&result, own.shape());
    Var::recorded(value.clone(), &[&all], || {
        let chosen = value.take(&targets).expect("targets are places of the result");
        let same = all.value().zip_map(&chosen, "scatter_reduce", |x, y| if x == y { T::one() } else { T::zero() });
        let left_out = left_out.reshape([result.len()]);
        let left_out = Tensor::cat(&[&left_out, &Tensor::full([places.numel()], false)], 0);
        let same = same.zip_map(&left_out, "scatter_reduce", |x, left_out| if left_out { T::zero() } else { x });
        let counts = same.take_gradient(&targets, [result.len()]).take(&targets).expect("as above");
        // A NaN equals nothing, so nothing is divided by 0 that has a share.
        ScatterExtreme { shares: same.zip_map(&counts, "scatter_reduce", |x, n| x / n.max(T::one())), targets }
    })
}

/// `dx` is `g` of each element's place times the element's share.
struct ScatterExtreme<T: Float> {
    shares: Tensor<T>,
    targets: Tensor<i64>,
}

impl<T: Float> Rule<T> for ScatterExtreme<T> {
    fn name(&self) -> &'static str {
        "scatter_extreme"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().taken(&self.targets) * Var::new(self.shares.clone()))]
    }
}
