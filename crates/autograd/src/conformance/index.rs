//! Cases of the family `index`.

use gradus_tensor::Tensor;

use super::{Case, Draw, SHAPES, recorded};
use crate::{ScatterReduction, Var};

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
    Case("index_select", index_select, Draw::Any, COLUMNS),
    Case("index_select_gradient", index_select_gradient, Draw::Any, COLUMNS_AND_GRADIENTS),
    Case("take", take, Draw::Any, COLUMNS),
    Case("take", gather, Draw::Any, TABLES),
    Case("take_gradient", take_gradient, Draw::Any, COLUMNS_AND_FOUR),
    Case("add", |x| x[0].scatter(0, &some(&[2, 3]), &x[1]).unwrap(), Draw::Any, SCATTERED),
    Case("add", |x| x[0].scatter_add(0, &some(&[2, 3]), &x[1]).unwrap(), Draw::Any, SCATTERED),
    Case("scatter_extreme", |x| scatter_reduce(x, ScatterReduction::Amax, true), Draw::Apart, SCATTERED),
    Case("scatter_extreme", |x| scatter_reduce(x, ScatterReduction::Amin, true), Draw::Apart, SCATTERED),
    Case("scatter_extreme", |x| scatter_reduce(x, ScatterReduction::Amax, false), Draw::Apart, SCATTERED),
    Case("div", |x| scatter_reduce(x, ScatterReduction::Mean, false), Draw::Any, SCATTERED),
    Case("masked_fill", |x| x[0].scatter_value(0, &some(&[2, 3]), 0.5).unwrap(), Draw::Any, TABLES_OF_THREE),
    Case("add", |x| x[0].index_add(0, &some(&[3]), &x[1], -0.5).unwrap(), Draw::Any, ROWS),
    Case("add", |x| x[0].index_copy(0, &some(&[3]), &x[1]).unwrap(), Draw::Any, ROWS),
    Case("masked_fill", |x| x[0].index_fill(0, &some(&[3]), 0.5).unwrap(), Draw::Any, TABLES_OF_THREE),
    Case("reshape", |x| x[0].index(&[&some(&[2, 1]), &some(&[3])]).unwrap(), Draw::Any, TABLES_OF_THREE),
    Case("reshape", |x| x[0].index_put(&[&some(&[3])], &x[1], true).unwrap(), Draw::Any, ROWS),
    Case("reshape", |x| x[0].index_put(&[&some(&[3])], &x[1], false).unwrap(), Draw::Any, ROWS),
    Case("take", |x| x[0].masked_select(&odd(x[0].shape())), Draw::Any, SHAPES),
    Case("add", |x| x[0].masked_scatter(&odd(&[2, 3]), &x[1]), Draw::Any, &[&[&[2, 3], &[3]], &[&[3], &[2, 2]]]),
    Case("take", |x| x[0].take_along_dim(&some(&[2, 1]), 0).unwrap(), Draw::Any, TABLES_OF_THREE),
    Case("masked_fill", masked_fill, Draw::Any, SHAPES),
    Case("masked_fill", |x| x[0].masked_fill(&odd(&[2, 3]), 7.0), Draw::Any, &[&[&[3]], &[&[]], &[&[2, 1]]]),
];

const TABLES_OF_THREE: &[&[&[usize]]] = &[&[&[4, 3]], &[&[5, 3]], &[&[4, 7]]];
const SCATTERED: &[&[&[usize]]] = &[&[&[4, 3], &[2, 3]], &[&[5, 3], &[2, 3]], &[&[4, 4], &[3, 3]]];
const ROWS: &[&[&[usize]]] = &[&[&[4, 3], &[3, 3]], &[&[4], &[3]], &[&[5, 2, 2], &[3, 2, 2]], &[&[4, 0], &[3, 0]]];

/// Indices 0 and 2, of which some come twice.
fn some(shape: &[usize]) -> Tensor<i64> {
    Tensor::from_fn(shape, |i| (i * 2 % 4) as i64)
}

/// The last dimension has three entries at least.
const COLUMNS: &[&[&[usize]]] =
    &[&[&[2, 3]], &[&[3]], &[&[1, 4]], &[&[2, 2, 3]], &[&[5, 3]], &[&[1, 1, 7]], &[&[3, 5]], &[&[2, 1, 3]]];
const COLUMNS_AND_GRADIENTS: &[&[&[usize]]] = &[
    &[&[2, 3], &[2, 4]],
    &[&[3], &[4]],
    &[&[1, 4], &[1, 4]],
    &[&[2, 2, 3], &[2, 2, 4]],
    &[&[5, 3], &[5, 4]],
    &[&[1, 1, 7], &[1, 1, 4]],
    &[&[0, 5], &[0, 4]],
    &[&[2, 1, 3], &[2, 1, 4]],
];
const COLUMNS_AND_FOUR: &[&[&[usize]]] = &[
    &[&[2, 3], &[2, 2]],
    &[&[3], &[2, 2]],
    &[&[1, 4], &[2, 2]],
    &[&[2, 2, 3], &[2, 2]],
    &[&[5, 3], &[2, 2]],
    &[&[1, 1, 7], &[2, 2]],
    &[&[3, 5], &[2, 2]],
    &[&[2, 1, 3], &[2, 2]],
];

/// True at every second place.
fn odd(shape: &[usize]) -> Tensor<bool> {
    Tensor::from_fn(shape, |i| i % 2 == 1)
}

fn masked_fill(x: &[Var<f64>]) -> Var<f64> {
    x[0].masked_fill(&Tensor::from_fn(x[0].shape(), |i| i % 3 == 1), -1.0)
}

fn index_select(x: &[Var<f64>]) -> Var<f64> {
    x[0].index_select(-1, &Tensor::from_vec(vec![2, 0, 2, 1], [4])).expect("there are three entries at least")
}

fn index_select_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&index_select(std::slice::from_ref(&leaf)), &x[1], &leaf)
}

fn take(x: &[Var<f64>]) -> Var<f64> {
    x[0].take(&Tensor::from_vec(vec![2, 0, 2, 1], [2, 2])).expect("there are three elements at least")
}

fn take_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&take(std::slice::from_ref(&leaf)), &x[1], &leaf)
}

/// Some elements come twice.
fn gather(x: &[Var<f64>]) -> Var<f64> {
    let columns = x[0].shape()[1];
    x[0].gather(0, &Tensor::from_fn([3, columns], |i| (i * 5 % 3) as i64)).expect("tables have at least four rows")
}

/// Some rows come twice, some never.
fn embedding(x: &[Var<f64>]) -> Var<f64> {
    x[0].embedding(&Tensor::from_vec(vec![2, 0, 2, 3, 3, 3], [2, 3])).expect("tables have at least four rows")
}

fn embedding_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&embedding(std::slice::from_ref(&leaf)), &x[1], &leaf)
}

fn scatter_reduce(x: &[Var<f64>], reduction: ScatterReduction, include_self: bool) -> Var<f64> {
    x[0].scatter_reduce(0, &some(&[2, 3]), &x[1], reduction, include_self).expect("indices are in range")
}
