//! Answers to `xtask/parity/families/embedding.py`.

use gradus_autograd::{EmbeddingBagMode, EmbeddingBagOptions, EmbeddingOptions, Var};
use gradus_nn::{Embedding, EmbeddingBag};
use gradus_tensor::{Float, Tensor};

use crate::case::{Answer, Case, Input, Options, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let options = case.options;
    let padding_idx = options.has("padding_idx").then(|| options.int("padding_idx"));
    let out = match case.op {
        "F.embedding" => {
            let scale_grad_by_freq = options.flag("scale_grad_by_freq");
            case.x(1).embedding_with(case.integers(0), EmbeddingOptions { padding_idx, scale_grad_by_freq })
        }
        "F.embedding_bag" => {
            let (offsets, per_sample_weights) = more(case, 2);
            let bags = EmbeddingBagOptions {
                mode: mode(case.options.text("mode")),
                per_sample_weights: per_sample_weights.cloned(),
                include_last_offset: options.flag("include_last_offset"),
                padding_idx,
            };
            case.x(1).embedding_bag(case.integers(0), offsets, &bags)
        }
        "nn.Embedding" => embedding(case).forward(case.integers(0)),
        "nn.EmbeddingBag" => {
            let (offsets, weights) = more(case, 1);
            embedding_bag(case).forward(case.integers(0), offsets, weights)
        }
        _ => return None,
    };
    float(out.expect("indices are in range"))
}

/// The offsets and the weights, where there are any, from input `first` on.
fn more<'a, T: Float>(case: &'a Case<'_, T>, first: usize) -> (Option<&'a Tensor<i64>>, Option<&'a Var<T>>) {
    let offsets = match case.inputs.get(first) {
        Some(Input::Integers(offsets)) => Some(offsets),
        _ => None,
    };
    let weights = case.options.flag("weighted").then(|| case.x(first + usize::from(offsets.is_some())));
    (offsets, weights)
}

fn mode(name: Option<&str>) -> EmbeddingBagMode {
    match name {
        Some("sum") => EmbeddingBagMode::Sum,
        Some("max") => EmbeddingBagMode::Max,
        _ => EmbeddingBagMode::Mean,
    }
}

fn embedding<T: Float>(case: &Case<'_, T>) -> Embedding<T> {
    let init = case.options.init();
    let mut layer = Embedding::new(init.size("num_embeddings"), init.size("embedding_dim"));
    if init.has("padding_idx") {
        layer = layer.with_padding_idx(init.int("padding_idx"));
    }
    if init.has("max_norm") {
        layer = layer.with_max_norm(init.float("max_norm"), norm_type(init));
    }
    if init.flag("scale_grad_by_freq") {
        layer = layer.with_scale_grad_by_freq();
    }
    case.load(&layer);
    layer
}

fn embedding_bag<T: Float>(case: &Case<'_, T>) -> EmbeddingBag<T> {
    let init = case.options.init();
    let layer = EmbeddingBag::new(init.size("num_embeddings"), init.size("embedding_dim"));
    let mut layer = layer.with_mode(mode(init.text("mode")));
    if init.has("padding_idx") {
        layer = layer.with_padding_idx(init.int("padding_idx"));
    }
    if init.has("max_norm") {
        layer = layer.with_max_norm(init.float("max_norm"), norm_type(init));
    }
    if init.flag("include_last_offset") {
        layer = layer.with_include_last_offset();
    }
    case.load(&layer);
    layer
}

/// The list of cases has a word for infinity.
fn norm_type(init: Options<'_>) -> f64 {
    if init.text("norm_type") == Some("inf") { f64::INFINITY } else { init.float_or("norm_type", 2.0) }
}
