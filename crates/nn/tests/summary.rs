//! The table of a model's layers.

use std::collections::BTreeMap;

use gradus_autograd::Var;
use gradus_nn::models::{Gpt, GptConfig, MnistCnn};
use gradus_nn::{BatchNorm1d, Layer, Linear, Module, Summary};
use gradus_tensor::Tensor;

#[test]
fn the_convolutional_network_of_pytorchs_example() {
    let model: MnistCnn = MnistCnn::new();
    model.parameters()[0].set_requires_grad(false);
    let summary = model.summary(&[1, 1, 28, 28]);
    assert_eq!((summary.parameters, summary.trainable), (1_199_882, 1_199_882 - 288));
    assert_eq!(summary.multiply_adds, 194_688 + 10_616_832 + 1_179_648 + 1_280);
    assert!(!model.parameters()[0].requires_grad(), "what was frozen stays so");
    let kinds: Vec<_> = summary.rows.iter().map(|row| (row.name.as_str(), row.kind.as_str())).collect();
    let layers = [("conv1", "Conv2d"), ("conv2", "Conv2d"), ("fc1", "Linear"), ("fc2", "Linear")];
    assert!(layers.iter().all(|layer| kinds.contains(layer)), "{kinds:?}");
    let conv2 = summary.rows.iter().find(|row| row.name == "conv2").unwrap();
    assert_eq!((&conv2.output[..], conv2.parameters), (&[1, 64, 24, 24][..], 18_496));
    assert_eq!(conv2.activation_bytes, 64 * 24 * 24 * 4);
    let text = summary.to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let total = text.lines().last().unwrap();
    assert!(total.starts_with("1,199,882 parameters, 1,199,594 trainable; 11,992,448 multiply-adds; "), "{total}");
}

#[test]
fn tied_weights_count_once_and_models_of_tokens_have_a_summary() {
    let config = GptConfig { vocab_size: 11, block_size: 8, n_layer: 1, n_head: 2, n_embd: 4 };
    let model: Gpt = Gpt::new(config);
    let summary = Summary::of(&model, || model.forward(&Tensor::zeros([1, 8])));
    assert_eq!(summary.parameters, model.num_parameters());
    assert_eq!(summary.rows.iter().map(|row| row.parameters).sum::<usize>(), model.num_parameters());
    // qkv, attention, proj, the network, and the output layer.
    let multiply_adds = 8 * 4 * 12 + 2 * 8 * 8 * 4 + 8 * 4 * 4 + 2 * 8 * 4 * 16 + 8 * 4 * 11;
    assert_eq!(summary.multiply_adds, multiply_adds as u64);
}

/// A summary is no training step.
#[test]
fn a_summary_changes_nothing() {
    let norm: BatchNorm1d = BatchNorm1d::new(3);
    let tracked = |norm: &BatchNorm1d| (norm.running_var().unwrap().value(), norm.num_batches_tracked().unwrap().get());
    let before = tracked(&norm);
    let _ = norm.summary(&[4, 3]);
    assert_eq!(tracked(&norm), before);
    let x = Var::new(Tensor::from_fn([4, 3], |i| i as f32));
    norm.forward(&x);
    assert_eq!(tracked(&norm).1, 1, "it trains as before");
}

#[derive(Module)]
struct Nested {
    pair: (Linear, Option<Linear>),
    row: [Linear; 2],
    heads: BTreeMap<String, Linear>,
}

#[test]
fn tuples_arrays_and_maps_are_modules() {
    let layer = || -> Linear { Linear::new(1, 1).without_bias() };
    let heads = ["b", "a"].map(|name| (name.to_owned(), layer()));
    let model = Nested { pair: (layer(), Some(layer())), row: [layer(), layer()], heads: heads.into() };
    let names: Vec<String> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
    let want = ["pair.0.weight", "pair.1.weight", "row.0.weight", "row.1.weight", "heads.a.weight", "heads.b.weight"];
    assert_eq!(names, want);
    model.set_requires_grad(false);
    assert!(model.parameters().iter().all(|parameter| !parameter.requires_grad()));
}
