//! Parts of a variable, and variables laid into larger ones: each is the other's gradient.

use std::ops::Range;

use gradus_tensor::{Dims, Float};
use smallvec::{SmallVec, smallvec};

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// For each dimension the place of the first entry and how far the next ones are apart.
pub(super) type Places = SmallVec<[(usize, usize); 4]>;

impl<T: Float> Var<T> {
    /// `range` of dimension `dim`.
    ///
    /// # Panics
    /// If the range leaves the dimension.
    #[track_caller]
    pub fn slice(&self, dim: isize, range: Range<usize>) -> Self {
        self.entries("slice", dim, range, 1)
    }

    /// Every `step`-th of `range` of dimension `dim`, from the first on (PyTorch's `x[start:end:step]`).
    ///
    /// # Panics
    /// If the range leaves the dimension or the step is 0.
    #[track_caller]
    pub fn slice_step(&self, dim: isize, range: Range<usize>, step: usize) -> Self {
        self.entries("slice_step", dim, range, step)
    }

    /// The `length` entries of dimension `dim` from `start` on.
    ///
    /// # Panics
    /// If they leave the dimension.
    #[track_caller]
    pub fn narrow(&self, dim: isize, start: usize, length: usize) -> Self {
        self.entries("narrow", dim, start..start.saturating_add(length), 1)
    }

    #[track_caller]
    fn entries(&self, operation: &str, dim: isize, range: Range<usize>, step: usize) -> Self {
        let (at, size) = self.dim_and_size(operation, dim);
        assert!(
            step > 0 && range.start <= range.end && range.end <= size,
            "{operation}: {range:?} in steps of {step} leaves dimension {at} of shape {:?}",
            self.shape()
        );
        Self::recorded(self.value().slice_step(dim, range.clone(), step), &[self], || {
            let mut places = Places::from_elem((0, 1), self.shape().len());
            places[at] = (range.start, step);
            Slice { whole: self.dims(), at: places }
        })
    }
}

/// The part of `shape` of `x` that lies at these places.
pub(super) fn region<T: Float>(x: &Var<T>, shape: &[usize], at: &Places) -> Var<T> {
    let mut value = x.value().clone();
    for (dim, (&n, &(start, step))) in shape.iter().zip(at).enumerate() {
        let end = n.checked_sub(1).map_or(start, |last| start + last * step + 1);
        value = value.slice_step(dim as isize, start..end, step);
    }
    Var::recorded(value, &[x], || Slice { whole: x.dims(), at: at.clone() })
}

/// `shape` filled with `value`, but for `x` laid into it.
pub(super) fn place<T: Float>(x: &Var<T>, shape: &[usize], at: &Places, value: T) -> Var<T> {
    let rule = || Place { part: x.dims(), at: at.clone() };
    Var::recorded(x.value().placed(shape, at, value), &[x], rule)
}

/// `dx` is zero but for `g` in its place.
struct Slice {
    whole: Dims,
    at: Places,
}

impl<T: Float> Rule<T> for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }

    fn adds_in_place(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        if let Some(mut sum) = context.take_sum(0) {
            // Of many parts of one leaf each costs its own size.
            sum.add_placed_(g.value(), &self.at);
            return smallvec![Some(Var::new(sum))];
        }
        smallvec![Some(place(g, &self.whole, &self.at, T::zero()))]
    }
}

/// `dx` is the part of `g` where `x` was laid.
struct Place {
    part: Dims,
    at: Places,
}

impl<T: Float> Rule<T> for Place {
    fn name(&self) -> &'static str {
        "place"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(region(context.gradient(), &self.part, &self.at))]
    }
}
