//! Cases of the family `arithmetic`.

use super::{BROADCASTS, Case, Draw, SHAPES};

pub(super) const CASES: &[Case] = &[
    Case("add", |x| &x[0] + &x[1], Draw::Any, BROADCASTS),
    Case("add_scalar", |x| &x[0] - 1.5, Draw::Any, SHAPES),
    Case("sub", |x| &x[0] - &x[1], Draw::Any, BROADCASTS),
    Case("mul", |x| &x[0] * &x[1], Draw::Any, BROADCASTS),
    Case("mul_scalar", |x| &x[0] * 3.0, Draw::Any, SHAPES),
    Case("div_scalar", |x| &x[0] / 3.0, Draw::Any, SHAPES),
    Case("div", |x| &x[0] / &x[1], Draw::Positive, BROADCASTS),
    Case("neg", |x| -&x[0], Draw::Any, SHAPES),
];
