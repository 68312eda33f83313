//! Cases of the family `reduction`.

use super::{Case, Draw, MATRICES, SHAPES};

pub(super) const CASES: &[Case] = &[
    Case("sum_dims", |x| x[0].sum(), Draw::Any, SHAPES),
    Case("sum_dims", |x| x[0].sum_dims(&[0], false), Draw::Any, MATRICES),
    Case("sum_dims", |x| x[0].sum_dims(&[-1, 0], true), Draw::Any, MATRICES),
    Case("div_scalar", |x| x[0].mean(), Draw::Any, MATRICES),
    Case("div_scalar", |x| x[0].mean_dims(&[1], true), Draw::Any, MATRICES),
];
