//! Inverse sine, cosine and tangent.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = asin x`, from -pi / 2 to pi / 2; NaN beyond -1 and 1.
    pub fn asin(&self) -> Self {
        Self::recorded(self.value().map(|x| x.asin()), &[self], || Asin(self.clone()))
    }

    /// `y = acos x`, from 0 to pi; NaN beyond -1 and 1.
    pub fn acos(&self) -> Self {
        Self::recorded(self.value().map(|x| x.acos()), &[self], || Acos(self.clone()))
    }

    /// `y = atan x`, from -pi / 2 to pi / 2.
    pub fn atan(&self) -> Self {
        Self::recorded(self.value().map(|x| x.atan()), &[self], || Atan(self.clone()))
    }
}

/// `dx = g / sqrt(1 - x^2)`.
struct Asin<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Asin<T> {
    fn name(&self) -> &'static str {
        "asin"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() * &(-self.0.square() + T::one()).rsqrt())]
    }
}

/// `dx = -g / sqrt(1 - x^2)`.
struct Acos<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Acos<T> {
    fn name(&self) -> &'static str {
        "acos"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(-context.gradient() * (-self.0.square() + T::one()).rsqrt())]
    }
}

/// `dx = g / (1 + x^2)`.
struct Atan<T: Float>(Var<T>);

impl<T: Float> Rule<T> for Atan<T> {
    fn name(&self) -> &'static str {
        "atan"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(context.gradient() / &(self.0.square() + T::one()))]
    }
}
