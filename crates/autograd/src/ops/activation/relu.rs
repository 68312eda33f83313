//! The rectifier.

use gradus_tensor::{Float, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = max(x, 0)`; NaN stays NaN. The gradient at 0 is 0, as in PyTorch.
    pub fn relu(&self) -> Self {
        Self::recorded(self.value().relu(), &[self], || Relu)
    }
}

/// `dx = g` where `y > 0`, else 0.
struct Relu;

impl<T: Float> Rule<T> for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(where_positive(context.gradient(), context.output().value()))]
    }
}

/// `g` where `y > 0` or NaN, else 0, whatever `g` is there: a product with 0 would turn infinity into NaN.
pub(crate) fn where_positive<T: Float>(g: &Var<T>, y: &Tensor<T>) -> Var<T> {
    let value = g.value().zip_map(y, "relu", |g, y| if y <= T::zero() { T::zero() } else { g });
    Var::recorded(value, &[g], || WherePositive { y: y.clone() })
}

/// Linear in `g`, and flat in `y`: `dg` is the same choice again.
struct WherePositive<T: Float> {
    y: Tensor<T>,
}

impl<T: Float> Rule<T> for WherePositive<T> {
    fn name(&self) -> &'static str {
        "where_positive"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        smallvec![Some(where_positive(context.gradient(), &self.y))]
    }
}
