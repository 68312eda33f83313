//! Logarithms to other bases, and powers of 2.

use std::f64::consts::{LN_2, LN_10};

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = log2(x)`; NaN below 0.
    pub fn log2(&self) -> Self {
        Self::recorded(self.value().map(|x| x.log2()), &[self], || Log2(self.clone()))
    }

    /// `y = log10(x)`; NaN below 0.
    pub fn log10(&self) -> Self {
        Self::recorded(self.value().map(|x| x.log10()), &[self], || Log10(self.clone()))
    }

    /// `y = 2^x`.
    pub fn exp2(&self) -> Self {
        Self::recorded(self.value().map(|x| x.exp2()), &[self], || Exp2)
    }
}

/// `dx = g / (x log 2)`.
struct Log2<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Log2<T> {
    fn name(&self) -> &'static str {
        "log2"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &(&self.0 * T::from_f64(LN_2)))]
    }
}

/// `dx = g / (x log 10)`.
struct Log10<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Log10<T> {
    fn name(&self) -> &'static str {
        "log10"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &(&self.0 * T::from_f64(LN_10)))]
    }
}

/// `dx = g y log 2`.
struct Exp2;

impl<T: Float> Rule<T> for Exp2 {
    fn name(&self) -> &'static str {
        "exp2"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * context.output() * T::from_f64(LN_2))]
    }
}
