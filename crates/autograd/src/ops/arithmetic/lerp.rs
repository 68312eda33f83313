//! Linear interpolation.

use gradus_tensor::Float;

use super::operand::VarOperand;
use crate::ops::dims::common_shape;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x + weight (end - x)`, the weight a number or a variable, all broadcast. `end` itself at weight 1.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn lerp<'a>(&self, end: &Self, weight: impl Into<VarOperand<'a, T>>) -> Self {
        let weight = weight.into();
        let weights = match &weight {
            VarOperand::Number(_) => &[][..],
            VarOperand::Var(weight) => weight.shape(),
        };
        common_shape("lerp", [self.shape(), end.shape(), weights]);
        let (way, half) = (&(end - self), T::from_f64(0.5));
        // From the nearer end, so that both are met.
        match weight {
            VarOperand::Number(weight) if weight.abs() < half => self + way * weight,
            VarOperand::Number(weight) => end - way * (T::one() - weight),
            VarOperand::Var(weight) => {
                let near = weight.value().map(|weight| weight.abs() < half);
                (self + way * weight).where_(&near, &(end - way * (-weight + T::one())))
            }
        }
    }
}
