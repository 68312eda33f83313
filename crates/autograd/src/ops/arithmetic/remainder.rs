//! What division leaves over.

use gradus_tensor::{Float, Tensor};
use smallvec::smallvec;

use super::operand::VarOperand;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `x - other trunc(x / other)`, of the sign of x; the other is a number or a variable, broadcast.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn fmod<'a>(&self, other: impl Into<VarOperand<'a, T>>) -> Self {
        match other.into() {
            VarOperand::Number(number) => Self::recorded(self.value().map(|a| a % number), &[self], || Fmod(None)),
            VarOperand::Var(other) => {
                let value = self.value().zip_map(other.value(), "fmod", |a, b| a % b);
                Self::recorded(value, &[self, other], || Fmod(Some((self.clone(), other.clone()))))
            }
        }
    }

    /// `x - other floor(x / other)`, of the sign of the other, which is a number or a variable, broadcast.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn remainder<'a>(&self, other: impl Into<VarOperand<'a, T>>) -> Self {
        match other.into() {
            VarOperand::Number(number) => {
                let value = self.value().map(|a| remainder(a, number));
                Self::recorded(value, &[self], || Remainder(None))
            }
            VarOperand::Var(other) => {
                let value = self.value().zip_map(other.value(), "remainder", remainder);
                Self::recorded(value, &[self, other], || Remainder(Some((self.clone(), other.clone()))))
            }
        }
    }
}

/// `da = g`, `db = -g trunc(a / b)`, each summed over what broadcasting repeated; a and b are kept where b is a
/// variable.
struct Fmod<T: Float>(Option<(Var<T>, Var<T>)>);

impl<T: Float> Rule<T> for Fmod<T> {
    fn name(&self) -> &'static str {
        "fmod"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        gradients(context, self.0.as_ref(), |a, b| (a / b).trunc())
    }
}

/// `da = g`, `db = -g floor(a / b)`; otherwise as [`Fmod`].
struct Remainder<T: Float>(Option<(Var<T>, Var<T>)>);

impl<T: Float> Rule<T> for Remainder<T> {
    fn name(&self) -> &'static str {
        "remainder"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        gradients(context, self.0.as_ref(), floor_divide)
    }
}

fn gradients<T: Float>(
    context: &Context<'_, T>,
    inputs: Option<&(Var<T>, Var<T>)>,
    quotient: fn(T, T) -> T,
) -> Gradients<T> {
    let g = context.gradient();
    let Some((a, b)) = inputs else { return smallvec![Some(g.clone())] };
    let of_divisor = || {
        let quotient: Tensor<T> = a.value().zip_map(b.value(), "remainder", quotient);
        (-g * Var::new(quotient)).sum_to(b.shape())
    };
    smallvec![context.when_needed(0, || g.sum_to(a.shape())), context.when_needed(1, of_divisor)]
}

/// `floor(a / b)`; not the floor of a rounded quotient, which may be the next whole number.
fn floor_divide<T: Float>(a: T, b: T) -> T {
    let left = a % b;
    if b == T::zero() {
        return a / b;
    }
    let below = if left != T::zero() && (left < T::zero()) != (b < T::zero()) { T::one() } else { T::zero() };
    ((a - left) / b - below).round()
}

fn remainder<T: Float>(a: T, b: T) -> T {
    let left = a % b;
    if left != T::zero() && (left < T::zero()) != (b < T::zero()) { left + b } else { left }
}
