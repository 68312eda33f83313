//! What an operation takes beside its first input.

use gradus_tensor::{Float, Operand};

use crate::var::Var;

/// A variable, or a number that stands at every place.
#[derive(Clone, Copy)]
pub enum VarOperand<'a, T: Float> {
    /// The elements of a variable, broadcast.
    Var(&'a Var<T>),
    /// One number.
    Number(T),
}

impl<T: Float> From<T> for VarOperand<'_, T> {
    fn from(number: T) -> Self {
        Self::Number(number)
    }
}

impl<'a, T: Float> From<&'a Var<T>> for VarOperand<'a, T> {
    fn from(var: &'a Var<T>) -> Self {
        Self::Var(var)
    }
}

/// The value.
impl<'a, T: Float> From<&'a Var<T>> for Operand<'a, T> {
    fn from(var: &'a Var<T>) -> Self {
        Self::Tensor(var.value())
    }
}
