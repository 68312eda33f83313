//! The affine map of a fully connected layer, alone or with the activation that follows it.

use gradus_tensor::{Activation, Float, numel};
use smallvec::smallvec;

use super::relu::where_positive;
use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x W^T + b` (PyTorch's `functional.linear`): x `[.., I]`, `weight` `[O, I]`, `bias` `[O]`, y `[.., O]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        self.linear_with(weight, bias, Activation::Identity)
    }

    /// `y = activation(x W^T + b)` in one pass: [`linear`](Self::linear) and what follows it.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn linear_with(&self, weight: &Self, bias: Option<&Self>, activation: Activation) -> Self {
        let y = self.value().linear(weight.value(), bias.map(Self::value), activation);
        let rule = || Linear { x: self.clone(), weight: weight.clone(), activation };
        match bias {
            Some(bias) => Self::recorded(y, &[self, weight, bias], rule),
            None => Self::recorded(y, &[self, weight], rule),
        }
    }
}

/// With all leading dimensions as rows, and G the gradient before the activation (where `y > 0` that of y, if it is the
/// rectifier): `dx = G W`, `dW = G^T x`, `db` = G summed over rows.
struct Linear<T: Float> {
    x: Var<T>,
    weight: Var<T>,
    activation: Activation,
}

impl<T: Float> Rule<T> for Linear<T> {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn saves_output(&self) -> bool {
        self.activation == Activation::Relu
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let [out, input] = [self.weight.shape()[0], self.weight.shape()[1]];
        let rows = numel(&self.x.shape()[..self.x.shape().len() - 1]);
        let g = match self.activation {
            Activation::Identity => context.gradient().clone(),
            Activation::Relu => where_positive(context.gradient(), context.output().value()),
        };
        let g = g.reshape([rows, out]);
        let mut gradients: Gradients<T> = smallvec![
            context.when_needed(0, || g.matmul(&self.weight).reshape(self.x.shape())),
            context.when_needed(1, || g.transpose(0, 1).matmul(&self.x.reshape([rows, input])))
        ];
        if context.inputs() == 3 {
            gradients.push(context.when_needed(2, || g.sum_dims(&[0], false)));
        }
        gradients
    }
}
