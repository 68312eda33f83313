//! The affine map of a fully connected layer.

use gradus_tensor::{Float, numel};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = x W^T + b` (PyTorch's `functional.linear`): x `[.., I]`, `weight` `[O, I]`, `bias` `[O]`, y `[.., O]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn linear(&self, weight: &Self, bias: Option<&Self>) -> Self {
        let (x, w) = (self.shape(), weight.shape());
        assert!(
            w.len() == 2 && x.last() == w.last() && bias.is_none_or(|bias| bias.shape() == &w[..1]),
            "linear: input {x:?}, weight {w:?} and bias {:?} do not fit ([.., I], [O, I], [O])",
            bias.map(Self::shape)
        );
        let leading = &x[..x.len() - 1];
        let rows = self.value().reshape([numel(leading), w[1]]);
        let mut y = rows.matmul(&weight.value().transpose(0, 1));
        if let Some(bias) = bias {
            y.add_(bias.value());
        }
        let y = y.reshape(leading.iter().copied().chain([w[0]]).collect::<Vec<_>>());
        let rule = Linear { x: self.clone(), weight: weight.clone() };
        match bias {
            Some(bias) => Self::from_operation(y, &[self, weight, bias], rule),
            None => Self::from_operation(y, &[self, weight], rule),
        }
    }
}

/// With all leading dimensions as rows: `dx = G W`, `dW = G^T x`, `db` = G summed over rows.
struct Linear<T: Float> {
    x: Var<T>,
    weight: Var<T>,
}

impl<T: Float> Rule<T> for Linear<T> {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let [out, input] = [self.weight.shape()[0], self.weight.shape()[1]];
        let rows = numel(&self.x.shape()[..self.x.shape().len() - 1]);
        let g = context.gradient().reshape([rows, out]);
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
