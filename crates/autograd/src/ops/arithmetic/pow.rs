//! Powers: of a variable by a number, by a variable, and of a number by a variable.

use gradus_tensor::Float;
use smallvec::smallvec;

use super::operand::VarOperand;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x^exponent`, the exponent a number or a variable, broadcast; NaN for x below 0 and an exponent that is no
    /// whole number.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn pow<'a>(&self, exponent: impl Into<VarOperand<'a, T>>) -> Self {
        match exponent.into() {
            VarOperand::Number(exponent) => self.pow_scalar(exponent),
            VarOperand::Var(exponent) => {
                let value = self.value().zip_map(exponent.value(), "pow", T::powf);
                Self::recorded(value, &[self, exponent], || Pow { x: self.clone(), exponent: exponent.clone() })
            }
        }
    }

    /// `y = base^x`: PyTorch's `torch.pow(number, tensor)`.
    pub fn rpow(&self, base: T) -> Self {
        let value = self.value().map(|x| base.powf(x));
        Self::recorded(value, &[self], || PowBase { x: self.clone(), base })
    }

    /// `y = x^2`.
    pub fn square(&self) -> Self {
        self.pow_scalar(T::from_f64(2.0))
    }

    fn pow_scalar(&self, exponent: T) -> Self {
        let x = self.value();
        let is = |number: f64| exponent == T::from_f64(number);
        let value = if is(2.0) {
            x.map(|x| x * x)
        } else if is(3.0) {
            x.map(|x| x * x * x)
        } else if is(0.5) {
            x.sqrt()
        } else if is(-1.0) {
            x.map(|x| x.recip())
        } else {
            x.map(|x| x.powf(exponent))
        };
        Self::recorded(value, &[self], || PowScalar { x: self.clone(), exponent })
    }
}

/// `dx = g n x^(n - 1)`, and 0 for n = 0.
struct PowScalar<T: Float> {
    x: Var<T>,
    exponent: T,
}

impl<T: Float> Rule<T> for PowScalar<T> {
    fn name(&self) -> &'static str {
        "pow_scalar"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, n) = (context.gradient(), self.exponent);
        if n == T::zero() {
            return smallvec![Some(Var::new(gradus_tensor::Tensor::zeros(g.shape())))];
        }
        if n == T::from_f64(2.0) {
            return smallvec![Some(g * &(&self.x * n))];
        }
        smallvec![Some(g * &(self.x.pow_scalar(n - T::one()) * n))]
    }
}

/// `dx = g n x^(n - 1)`, `dn = g y log x`, each summed over what broadcasting repeated; the first 0 for n = 0, the
/// second for x = 0 and n of at least 0.
struct Pow<T: Float> {
    x: Var<T>,
    exponent: Var<T>,
}

impl<T: Float> Rule<T> for Pow<T> {
    fn name(&self) -> &'static str {
        "pow"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, x, n, zero) = (context.gradient(), &self.x, &self.exponent, T::zero());
        let of_base = || {
            let dx = g * &(n * &x.pow(&(n - T::one())));
            dx.where_(&n.ne(zero), zero).sum_to(x.shape())
        };
        let of_exponent = || {
            let flat = x.eq(zero).logical_and(&n.ge(zero));
            let slope = (context.output() * x.log()).where_(&flat.logical_not(), zero);
            (g * slope).sum_to(n.shape())
        };
        smallvec![context.when_needed(0, of_base), context.when_needed(1, of_exponent)]
    }
}

/// `dx = g y log b`, and 0 for a base of 0 and x of at least 0.
struct PowBase<T: Float> {
    x: Var<T>,
    base: T,
}

impl<T: Float> Rule<T> for PowBase<T> {
    fn name(&self) -> &'static str {
        "pow_base"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let slope = context.output() * self.base.ln();
        let slope = if self.base == T::zero() { slope.where_(&self.x.lt(T::zero()), T::zero()) } else { slope };
        smallvec![Some(context.gradient() * &slope)]
    }
}
