//! Cases of the family `sequence`.

use gradus_tensor::{AttentionMask, AttentionOptions, RnnNonlinearity, Tensor};

use super::{Case, Draw};
use crate::{GruOutput, LstmOutput, RecurrentWeights, RnnOutput, Var};

pub(super) const CASES: &[Case] = &[
    Case(
        "attention_packed",
        |x| x[0].attention_packed(2, true),
        Draw::Any,
        &[&[&[2, 3, 12]], &[&[1, 1, 6]], &[&[1, 5, 6]], &[&[3, 2, 18]], &[&[1, 2, 12]]],
    ),
    Case(
        "attention_packed",
        |x| x[0].attention_packed(1, false),
        Draw::Any,
        &[&[&[1, 3, 6]], &[&[2, 0, 6]], &[&[2, 2, 3]]],
    ),
    Case("scaled_dot_product_attention", |x| attention(x, AttentionMask::None), Draw::Any, ATTENTION),
    Case("scaled_dot_product_attention", |x| attention(x, AttentionMask::Causal), Draw::Any, ATTENTION),
    Case("scaled_dot_product_attention", attention_with_numbers, Draw::Any, ATTENTION_ONE),
    Case("scaled_dot_product_attention", attention_with_flags, Draw::Any, ATTENTION_ONE),
    Case("scaled_dot_product_attention", attention_of_one, Draw::Any, &[&[&[1, 2, 3, 2]]]),
    Case("lstm", |x| lstm(x).output, Draw::Any, LSTM),
    Case("lstm", |x| lstm(x).h_n, Draw::Any, LSTM),
    Case("lstm", |x| lstm(x).c_n, Draw::Any, LSTM),
    Case("gru", |x| gru(x).output, Draw::Any, GRU),
    Case("gru", |x| gru(x).h_n, Draw::Any, GRU),
    Case("rnn", |x| rnn(x, RnnNonlinearity::Tanh).output, Draw::Any, RNN),
    Case("rnn", |x| rnn(x, RnnNonlinearity::Relu).output, Draw::Any, RNN),
    Case("rnn", |x| rnn(x, RnnNonlinearity::Tanh).h_n, Draw::Any, RNN),
];

const ATTENTION_ONE: &[&[&[usize]]] = &[&[&[1, 2, 3, 2], &[1, 2, 4, 2], &[1, 2, 4, 3]]];

/// Queries, keys and values.
const ATTENTION: &[&[&[usize]]] = &[
    &[&[1, 2, 3, 2], &[1, 2, 4, 2], &[1, 2, 4, 3]],
    &[&[2, 1, 3, 2], &[2, 1, 2, 2], &[2, 1, 2, 1]],
    &[&[1, 1, 1, 1], &[1, 1, 1, 1], &[1, 1, 1, 1]],
];

/// The sequence and the matrices, without and with biases, and with first states.
const LSTM: &[&[&[usize]]] = &[
    &[&[2, 3, 3], &[8, 3], &[8, 2]],
    &[&[1, 2, 1], &[4, 1], &[4, 1], &[4], &[4]],
    &[&[2, 3, 2], &[8, 2], &[8, 2], &[8], &[8], &[2, 2], &[2, 2]],
];

const GRU: &[&[&[usize]]] = &[
    &[&[2, 3, 3], &[6, 3], &[6, 2]],
    &[&[1, 2, 1], &[3, 1], &[3, 1], &[3], &[3]],
    &[&[2, 3, 2], &[6, 2], &[6, 2], &[6], &[6], &[2, 2]],
    &[&[3, 1, 2], &[9, 2], &[9, 3]],
];

const RNN: &[&[&[usize]]] = &[
    &[&[2, 3, 3], &[2, 3], &[2, 2]],
    &[&[1, 2, 1], &[1, 1], &[1, 1], &[1], &[1]],
    &[&[2, 3, 2], &[2, 2], &[2, 2], &[2], &[2], &[2, 2]],
    &[&[3, 1, 2], &[3, 2], &[3, 3]],
];

fn recurrent_weights(x: &[Var<f64>]) -> RecurrentWeights<f64> {
    let bias = (x.len() > 3).then(|| (x[3].clone(), x[4].clone()));
    RecurrentWeights { weight_ih: x[1].clone(), weight_hh: x[2].clone(), bias }
}

fn lstm(x: &[Var<f64>]) -> LstmOutput<f64> {
    x[0].lstm(&recurrent_weights(x), (x.len() > 5).then(|| (&x[5], &x[6])))
}

fn gru(x: &[Var<f64>]) -> GruOutput<f64> {
    x[0].gru(&recurrent_weights(x), x.get(5))
}

fn rnn(x: &[Var<f64>], nonlinearity: RnnNonlinearity) -> RnnOutput<f64> {
    x[0].rnn(&recurrent_weights(x), x.get(5), nonlinearity)
}

fn attention(x: &[Var<f64>], mask: AttentionMask<f64>) -> Var<f64> {
    x[0].scaled_dot_product_attention(&x[1], &x[2], &AttentionOptions { mask, scale: Some(0.7) })
}

fn attention_with_numbers(x: &[Var<f64>]) -> Var<f64> {
    let mask = Tensor::from_fn([2, 1, x[1].shape()[2]], |i| (i as f64).cos());
    let options = AttentionOptions { mask: AttentionMask::Additive(mask), scale: Some(-0.9) };
    x[0].scaled_dot_product_attention(&x[1], &x[2], &options)
}

/// The second query attends to no key.
fn attention_with_flags(x: &[Var<f64>]) -> Var<f64> {
    let keys = x[1].shape()[2];
    let mask = Tensor::from_fn([x[0].shape()[2], keys], |i| i / keys != 1 && i % keys != 2);
    attention(x, AttentionMask::Boolean(mask))
}

/// The same variable as queries, keys and values.
fn attention_of_one(x: &[Var<f64>]) -> Var<f64> {
    x[0].scaled_dot_product_attention(&x[0], &x[0], &AttentionOptions::causal())
}
