//! Cases of the family `loss`.

use gradus_tensor::Tensor;

use super::{Case, Draw};
use crate::{Reduction, Var};

const LOGITS: &[&[&[usize]]] = &[&[&[3, 4]], &[&[1, 2]], &[&[5, 1]], &[&[2, 7]]];

pub(super) const CASES: &[Case] = &[
    Case("cross_entropy", |x| cross_entropy(x, Reduction::None), Draw::Any, LOGITS),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::Mean), Draw::Any, LOGITS),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::Sum), Draw::Any, LOGITS),
];

fn cross_entropy(x: &[Var<f64>], reduction: Reduction) -> Var<f64> {
    let classes = x[0].shape()[1];
    let targets = Tensor::from_fn([x[0].shape()[0]], |i| (i * 2 % classes) as i64);
    x[0].cross_entropy(&targets, reduction).expect("the labels are below the number of classes")
}
