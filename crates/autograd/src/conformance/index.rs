//! Cases of the family `index`.

use gradus_tensor::Tensor;

use super::{Case, Draw, recorded};
use crate::Var;

const TABLES: &[&[&[usize]]] =
    &[&[&[4, 3]], &[&[5, 1]], &[&[4, 0]], &[&[7, 2]], &[&[4, 1]], &[&[9, 4]], &[&[4, 7]], &[&[6, 5]]];
const TABLES_AND_GRADIENTS: &[&[&[usize]]] = &[
    &[&[4, 3], &[2, 3, 3]],
    &[&[5, 1], &[2, 3, 1]],
    &[&[4, 0], &[2, 3, 0]],
    &[&[7, 2], &[2, 3, 2]],
    &[&[4, 1], &[2, 3, 1]],
    &[&[9, 4], &[2, 3, 4]],
    &[&[4, 7], &[2, 3, 7]],
    &[&[6, 5], &[2, 3, 5]],
];

pub(super) const CASES: &[Case] = &[
    Case("embedding", embedding, Draw::Any, TABLES),
    Case("embedding_gradient", embedding_gradient, Draw::Any, TABLES_AND_GRADIENTS),
];

/// Some rows come twice, some never.
fn embedding(x: &[Var<f64>]) -> Var<f64> {
    x[0].embedding(&Tensor::from_vec(vec![2, 0, 2, 3, 3, 3], [2, 3])).expect("tables have at least four rows")
}

fn embedding_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&embedding(std::slice::from_ref(&leaf)), &x[1], &leaf)
}
