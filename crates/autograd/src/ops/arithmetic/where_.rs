//! A choice between two variables, element by element.

use gradus_tensor::{Dims, Float, Tensor};
use smallvec::smallvec;

use super::operand::VarOperand;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x` where `mask` is true, else `other`, a variable or a number, all broadcast (PyTorch's `where`, a word
    /// that Rust keeps for itself). The one that is not chosen gets no gradient, whatever it holds.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn where_<'a>(&self, mask: &Tensor<bool>, other: impl Into<VarOperand<'a, T>>) -> Self {
        let rule = |other: &[usize]| Where { mask: mask.clone(), x: self.dims(), other: Dims::from_slice(other) };
        match other.into() {
            VarOperand::Number(number) => Self::recorded(self.value().where_(mask, number), &[self], || rule(&[])),
            VarOperand::Var(other) => {
                let value = self.value().where_(mask, other.value());
                Self::recorded(value, &[self, other], || rule(other.shape()))
            }
        }
    }
}

/// `dx = g` where the mask is true, else 0, and of the other the other way round; each summed over what broadcasting
/// repeated.
struct Where {
    mask: Tensor<bool>,
    x: Dims,
    other: Dims,
}

impl<T: Float> Rule<T> for Where {
    fn name(&self) -> &'static str {
        "where"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let mut gradients: Gradients<T> =
            smallvec![context.when_needed(0, || g.where_(&self.mask, T::zero()).sum_to(&self.x))];
        if context.inputs() == 2 {
            let other = || g.where_(&self.mask.logical_not(), T::zero()).sum_to(&self.other);
            gradients.push(context.when_needed(1, other));
        }
        gradients
    }
}
