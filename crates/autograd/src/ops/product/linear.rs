//! The affine map of a fully connected layer, alone or with the activation that follows it.

use gradus_tensor::{Activation, Float, numel};
use smallvec::{SmallVec, smallvec};

use crate::graph::{Context, Gradients, Rule};
use crate::ops::activation::relu::where_positive;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x W^T + b` (PyTorch's `functional.linear`): x `[.., I]`, `weight` `[O, I]`, `bias` `[O]`, y `[.., O]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        self.linear_with(weight, bias, None, Activation::Identity)
    }

    /// `y = activation(x W^T + b + residual)` in one pass: [`linear`](Self::linear) and what follows it. The residual
    /// has the output's shape.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn linear_with(
        &self,
        weight: &Self,
        bias: Option<&Self>,
        residual: Option<&Self>,
        activation: Activation,
    ) -> Self {
        let y = self.value().linear_with(weight.value(), bias.map(Self::value), residual.map(Self::value), activation);
        let inputs: SmallVec<[&Self; 4]> = [Some(self), Some(weight), bias, residual].into_iter().flatten().collect();
        Self::recorded(y, &inputs, || Linear {
            x: self.clone(),
            weight: weight.clone(),
            with_bias: bias.is_some(),
            with_residual: residual.is_some(),
            activation,
        })
    }
}

/// With all leading dimensions as rows, and G the gradient before the activation (where `y > 0` that of y, if it is the
/// rectifier): `dx = G W`, `dW = G^T x`, `db` = G summed over rows, `dresidual` = G.
struct Linear<T: Float> {
    x: Var<T>,
    weight: Var<T>,
    with_bias: bool,
    with_residual: bool,
    activation: Activation,
}

impl<T: Float> Rule<T> for Linear<T> {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn saves_output(&self) -> bool {
        self.activation == Activation::Relu
    }

    fn adds_in_place(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let [out, input] = [self.weight.shape()[0], self.weight.shape()[1]];
        let rows = numel(&self.x.shape()[..self.x.shape().len() - 1]);
        let g = match self.activation {
            Activation::Identity => context.gradient().clone(),
            Activation::Relu => where_positive(context.gradient(), context.output().value()),
        };
        let before = g;
        let g = before.reshape([rows, out]);
        let mut gradients: Gradients<T> = smallvec![
            context.when_needed(0, || g.matmul(&self.weight).reshape(self.x.shape())),
            context.when_needed(1, || {
                let (g, x) = (g.transpose(0, 1), self.x.reshape([rows, input]));
                match context.take_sum(1) {
                    Some(mut sum) => {
                        sum.addmm_(g.value(), x.value());
                        Var::new(sum)
                    }
                    None => g.matmul(&x),
                }
            })
        ];
        if self.with_bias {
            gradients.push(context.when_needed(2, || g.sum_dims(&[0], false)));
        }
        if self.with_residual {
            gradients.push(Some(before));
        }
        gradients
    }
}
