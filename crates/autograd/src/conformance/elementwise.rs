//! Cases of the family `elementwise`.

use super::{Case, Draw, SHAPES};

pub(super) const CASES: &[Case] = &[
    Case("abs", |x| x[0].abs(), Draw::Apart, SHAPES),
    Case("expm1", |x| x[0].expm1(), Draw::Any, SHAPES),
    Case("log1p", |x| x[0].log1p(), Draw::Positive, SHAPES),
    Case("reciprocal", |x| x[0].reciprocal(), Draw::Positive, SHAPES),
    Case("rsqrt", |x| x[0].rsqrt(), Draw::Positive, SHAPES),
    Case("exp", |x| x[0].exp(), Draw::Any, SHAPES),
    Case("erf", |x| x[0].erf(), Draw::Any, SHAPES),
    Case("log", |x| x[0].log(), Draw::Positive, SHAPES),
    Case("sqrt", |x| x[0].sqrt(), Draw::Positive, SHAPES),
];
