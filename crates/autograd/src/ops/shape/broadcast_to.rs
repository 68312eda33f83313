//! Repetition by broadcasting, and its gradient, the sum over what was repeated: each is the other's gradient.

use gradus_tensor::{Dims, Float, broadcast_shapes};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// This variable seen as `shape` by the broadcasting rule.
    ///
    /// # Panics
    /// If it does not broadcast to `shape`.
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl AsRef<[usize]>) -> Self {
        let value = self.value().broadcast_to(shape);
        Self::recorded(value, &[self], || BroadcastTo { input: self.dims() })
    }

    /// This variable repeated along dimensions of size 1 and new ones in front until it has these sizes; -1 leaves a
    /// dimension as it is.
    ///
    /// # Panics
    /// If it does not broadcast to them.
    #[track_caller]
    pub fn expand(&self, sizes: &[isize]) -> Self {
        let added = sizes.len().saturating_sub(self.shape().len());
        let own = |i: usize| i.checked_sub(added).map(|i| self.shape()[i]);
        let size = |(i, &n): (usize, &isize)| if n == -1 { own(i) } else { usize::try_from(n).ok() };
        let shape: Option<Dims> = sizes.iter().enumerate().map(size).collect();
        let Some(shape) = shape else {
            panic!("expand: sizes {sizes:?} do not fit shape {:?}", self.shape());
        };
        assert!(
            broadcast_shapes(self.shape(), &shape).as_ref() == Some(&shape),
            "expand: shape {:?} does not broadcast to {sizes:?}",
            self.shape()
        );
        self.broadcast_to(shape)
    }

    /// The sum over what broadcasting `shape` to this variable's shape repeats.
    ///
    /// # Panics
    /// If `shape` does not broadcast to this variable's shape.
    #[track_caller]
    pub fn sum_to(&self, shape: impl AsRef<[usize]>) -> Self {
        if self.value().has_shape(shape.as_ref()) {
            return self.clone();
        }
        let value = self.value().sum_to(shape);
        Self::recorded(value, &[self], || SumTo { input: self.dims() })
    }
}

/// `dx` is `g` summed over what was repeated.
struct BroadcastTo {
    input: Dims,
}

impl<T: Float> Rule<T> for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().sum_to(&self.input))]
    }
}

/// `dx` is `g` repeated.
struct SumTo {
    input: Dims,
}

impl<T: Float> Rule<T> for SumTo {
    fn name(&self) -> &'static str {
        "sum_to"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient().broadcast_to(&self.input))]
    }
}
