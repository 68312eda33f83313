//! Matrix products.

use gradus_tensor::Float;
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `[.., M, K] x [.., K, N] -> [.., M, N]`; leading dimensions broadcast. A list `[K]` counts as a row on the left
    /// and as a column on the right, and that dimension is not in the result.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn matmul(&self, other: &Self) -> Self {
        match (self.shape().len(), other.shape().len()) {
            (1, 1) => return self.unsqueeze(0).matmul(other).squeeze(0),
            (1, 2..) => return self.unsqueeze(0).matmul(other).squeeze(-2),
            (2.., 1) => return self.matmul(&other.unsqueeze(-1)).squeeze(-1),
            _ => {}
        }
        let rule = || Matmul { a: self.clone(), b: other.clone() };
        Self::recorded(self.value().matmul(other.value()), &[self, other], rule)
    }
}

/// `dA = G B^T`, `dB = A^T G`, each summed over what broadcasting repeated.
struct Matmul<T: Float> {
    a: Var<T>,
    b: Var<T>,
}

impl<T: Float> Rule<T> for Matmul<T> {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![
            context.when_needed(0, || g.matmul(&self.b.transpose(-1, -2)).sum_to(self.a.shape())),
            context.when_needed(1, || self.a.transpose(-1, -2).matmul(g).sum_to(self.b.shape()))
        ]
    }
}
