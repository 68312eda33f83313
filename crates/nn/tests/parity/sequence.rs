//! Answers to `xtask/parity/families/sequence.py`.

use gradus_autograd::{RecurrentWeights, Var};
use gradus_tensor::{AttentionMask, AttentionOptions, Float, Tensor};

use crate::case::{Answer, Case, float, floats};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let options = case.options;
    match case.op {
        "F.scaled_dot_product_attention" => {
            float(case.x(0).scaled_dot_product_attention(case.x(1), case.x(2), &attention(case)))
        }
        "gradus.attention_packed" => {
            float(case.x(0).attention_packed(options.size("heads"), options.flag("is_causal")))
        }
        "torch.lstm" | "torch.gru" => recurrent(case),
        _ => None,
    }
}

/// The options of attention; masks are those that `sequence.py` makes.
fn attention<T: Float>(case: &Case<'_, T>) -> AttentionOptions<T> {
    let (queries, keys) = (case.x(0).shape()[2], case.x(1).shape()[2]);
    let mask = match case.options.text("mask") {
        Some("additive") => AttentionMask::Additive(Tensor::from_fn([queries, keys], |at| {
            T::from_f64(((5 * (at / keys) + 3 * (at % keys)) % 7) as f64 / 4.0 - 0.5)
        })),
        Some("boolean") => {
            AttentionMask::Boolean(Tensor::from_fn([queries, keys], |at| (at / keys + at % keys) % 3 != 1))
        }
        _ if case.options.flag("is_causal") => AttentionMask::Causal,
        _ => AttentionMask::None,
    };
    AttentionOptions { mask, scale: case.options.0["scale"].as_f64() }
}

/// Output and last states of the recurrent layer with these parameters.
fn recurrent<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, biases) = (case.floats(), case.options.flag("biases"));
    let bias = biases.then(|| (x[3].clone(), x[4].clone()));
    let weights = RecurrentWeights { weight_ih: x[1].clone(), weight_hh: x[2].clone(), bias };
    let (batch, hidden) = (x[0].shape()[0], x[2].shape()[1]);
    let first: Vec<Var<T>> = x.iter().skip(if biases { 5 } else { 3 }).map(|s| s.reshape([batch, hidden])).collect();
    let layered = |state: &Var<T>| state.reshape([1, batch, hidden]);
    if case.op == "torch.gru" {
        let out = x[0].gru(&weights, first.first());
        return floats([out.output.clone(), layered(&out.h_n)]);
    }
    let out = x[0].lstm(&weights, case.options.flag("state").then(|| (&first[0], &first[1])));
    floats([out.output.clone(), layered(&out.h_n), layered(&out.c_n)])
}
