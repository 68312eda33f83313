//! Cases of the family `reduction`.

use gradus_tensor::Tensor;

use super::{Case, Draw, MATRICES, SHAPES};
use crate::Var;

pub(super) const CASES: &[Case] = &[
    Case("sum_dims", |x| x[0].sum(), Draw::Any, SHAPES),
    Case("sum_dims", |x| x[0].sum_dims(&[0], false), Draw::Any, MATRICES),
    Case("sum_dims", |x| x[0].sum_dims(&[-1, 0], true), Draw::Any, MATRICES),
    Case("div_scalar", |x| x[0].mean(), Draw::Any, MATRICES),
    Case("div_scalar", |x| x[0].mean_dims(&[1], true), Draw::Any, MATRICES),
    Case("cumsum", |x| x[0].cumsum(0), Draw::Any, MATRICES),
    Case("cumsum", |x| x[0].cumsum(-1), Draw::Any, ROWS),
    Case("recurrence", |x| x[0].cumprod(0), Draw::Any, MATRICES),
    Case("recurrence", |x| with_zeros(&x[0]).cumprod(-1), Draw::Any, ROWS),
    Case("reshape", |x| with_zeros(&x[0]).prod(), Draw::Any, ROWS),
    Case("slice", |x| x[0].prod_dim(-1, true), Draw::Any, ROWS),
    Case("nansum", |x| x[0].nansum(&[0], false), Draw::Any, MATRICES),
    Case("nansum", |x| x[0].nansum(&[-1, 0], true), Draw::Any, MATRICES),
    Case("logcumsumexp", |x| x[0].logcumsumexp(0), Draw::Any, MATRICES),
    Case("logcumsumexp", |x| x[0].logcumsumexp(-1), Draw::Any, ROWS),
    Case("logsumexp", |x| x[0].logsumexp(&[0], false), Draw::Any, MATRICES),
    Case("logsumexp", |x| x[0].logsumexp(&[-1, 0], true), Draw::Any, MATRICES),
    Case("extreme", |x| x[0].max(), Draw::Apart, MATRICES),
    Case("extreme", |x| x[0].amin(&[0], true), Draw::Apart, MATRICES),
    Case("reshape", |x| x[0].max_dim(0, false).0, Draw::Apart, MATRICES),
    Case("take", |x| x[0].min_dim(-1, true).0, Draw::Apart, MATRICES),
    Case("take", |x| x[0].cummax(0).0, Draw::Apart, MATRICES),
    Case("take", |x| x[0].cummin(-1).0, Draw::Apart, MATRICES),
    Case("take", |x| x[0].sort(0, true).0, Draw::Apart, MATRICES),
    Case("take", |x| x[0].topk(1, -1, false).0, Draw::Apart, MATRICES),
    Case("extreme", |x| x[0].median(), Draw::Apart, MATRICES),
    Case("reshape", |x| x[0].kthvalue(1, 0, false).0, Draw::Apart, MATRICES),
    Case("div_scalar", |x| x[0].var_dims(&[0], 0.0, false), Draw::Any, MATRICES),
    Case("masked_fill", |x| x[0].std(), Draw::Any, &[&[&[2, 3]], &[&[5]]]),
    Case("where", |x| x[0].quantile(0.3, 0, false), Draw::Apart, MATRICES),
    Case("norm", |x| x[0].norm(2.0), Draw::Apart, MATRICES),
    Case("norm", |x| x[0].norm_dims(3.5, &[0], true), Draw::Apart, MATRICES),
    Case("norm", |x| x[0].norm_dims(1.0, &[-1], false), Draw::Apart, MATRICES),
    Case("norm", |x| x[0].norm_dims(0.5, &[0, -1], false), Draw::Apart, MATRICES),
    Case("extreme", |x| x[0].norm(f64::INFINITY), Draw::Apart, &[&[&[3]]]),
    Case("norm", |x| x[0].cdist(&x[1], 2.0), Draw::Apart, &[&[&[2, 3], &[4, 3]], &[&[2, 1, 2], &[2, 3, 2]]]),
    Case("norm", |x| x[0].dist(&x[1], 3.0), Draw::Apart, &[&[&[2, 3], &[3]]]),
];

const ROWS: &[&[&[usize]]] =
    &[&[&[5]], &[&[1]], &[&[2, 3]], &[&[3, 1]], &[&[2, 2, 4]], &[&[0, 3]], &[&[1, 7]], &[&[2, 6]]];

/// The same with every third element zero.
fn with_zeros(x: &Var<f64>) -> Var<f64> {
    x * &Var::new(Tensor::from_fn(x.shape(), |i| if i % 3 == 1 { 0.0 } else { 1.0 }))
}
