//! Cases of the family `elementwise`.

use super::{Case, Draw, SHAPES};

pub(super) const CASES: &[Case] = &[
    Case("exp", |x| x[0].exp(), Draw::Any, SHAPES),
    Case("erf", |x| x[0].erf(), Draw::Any, SHAPES),
    Case("ln", |x| x[0].ln(), Draw::Positive, SHAPES),
    Case("sqrt", |x| x[0].sqrt(), Draw::Positive, SHAPES),
];
