//! Cases of the family `random`.

use gradus_tensor::random::manual_seed;

use super::{Case, Draw, SHAPES};
use crate::Var;

pub(super) const CASES: &[Case] = &[Case("dropout", dropout, Draw::Any, SHAPES)];

fn dropout(x: &[Var<f64>]) -> Var<f64> {
    manual_seed(3);
    x[0].dropout(0.4)
}
