//! Linear recurrences along a dimension: what running products and the gradients of running results are.

use gradus_tensor::{Float, Tensor, resolve_dim};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// `y[i] = a[i] y[i - 1] + b[i]` along `dim`, from `y[0] = b[0]` on.
#[track_caller]
pub(super) fn recurrence<T: Float>(a: &Var<T>, b: &Var<T>, dim: isize) -> Var<T> {
    let value = a.value().linear_recurrence(b.value(), dim);
    Var::recorded(value, &[a, b], || Recurrence { a: a.clone(), dim: resolve_dim("recurrence", dim, a.shape().len()) })
}

/// The recurrence from the last entry to the first: `y[i] = a[i + 1] y[i + 1] + b[i]`, with the `a` of one entry less.
pub(super) fn backwards<T: Float>(a: &Var<T>, b: &Var<T>, dim: usize) -> Var<T> {
    let dim = dim as isize;
    let mut one = b.dims();
    one[dim as usize] = 1;
    // The first of the flipped `a` is not read.
    let decay = Var::cat(&[Var::new(Tensor::zeros(one)), a.flip(&[dim])], dim);
    recurrence(&decay, &b.flip(&[dim]), dim).flip(&[dim])
}

/// `db[i] = s[i] = g[i] + a[i + 1] s[i + 1]`, `da[i] = s[i] y[i - 1]`: no division, so zeros are like any other number.
struct Recurrence<T: Float> {
    a: Var<T>,
    dim: usize,
}

impl<T: Float> Rule<T> for Recurrence<T> {
    fn name(&self) -> &'static str {
        "recurrence"
    }

    fn saves_output(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, dim) = (context.gradient(), self.dim as isize);
        let Some(last) = g.shape()[self.dim].checked_sub(1) else {
            return smallvec![Some(g.clone()), Some(g.clone())];
        };
        let sums = backwards(&self.a.narrow(dim, 1, last), g, self.dim);
        let da = context.when_needed(0, || {
            let before = context.output().narrow(dim, 0, last);
            let mut first = g.dims();
            first[self.dim] = 1;
            Var::cat(&[Var::new(Tensor::zeros(first)), sums.narrow(dim, 1, last) * before], dim)
        });
        smallvec![da, context.when_needed(1, || sums.clone())]
    }
}
