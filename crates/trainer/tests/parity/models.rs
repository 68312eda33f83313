//! 20 steps of a transformer, an LSTM and a ResNet: every loss, the last gradients, the last weights and buffers. How
//! weights and batches are made: xtask/parity/models.py.

use gradus_autograd::Var;
use gradus_nn::models::{CharLstm, Gpt, GptConfig, ResNet20};
use gradus_nn::{Layer, Module, StateDict, cross_entropy};
use gradus_optim::{Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::{Element, Float, Tensor};

use crate::fixtures::{Fixtures, mixed, signed};

const FILE: &[u8] = include_bytes!("../fixtures/models.safetensors");

/// Integers below `limit`: those of tensor `id`.
fn below(id: u64, shape: &[usize], limit: u64) -> Tensor<i64> {
    Tensor::from_fn(shape, |i| (mixed(id, i as u64) % limit) as i64)
}

/// Puts the given weights into `model`.
fn set_weights<T: Float>(model: &impl Module<T>) {
    for (id, (name, parameter)) in model.named_parameters().into_iter().enumerate() {
        let shape = parameter.shape();
        let row: usize = shape.iter().skip(1).product();
        let bound = (1.0 / (row as f64).sqrt()) as f32;
        let norm = if name.ends_with("weight") { 1.0 } else { 0.0 };
        let vector = shape.len() == 1;
        parameter.set_value(Tensor::from_fn(shape, |i| {
            let s = signed(id as u64, i as u64);
            T::from_f64(f64::from(if vector { s / 8.0 + norm } else { s * bound }))
        }));
    }
}

/// `steps` steps of `model`, compared with the stored run; the largest difference.
fn check<T: Float, M: Module<T>>(
    run: &str,
    model: M,
    algorithm: impl Into<Algorithm>,
    (labels, classes): (usize, u64),
    forward: impl Fn(&M, u64) -> Var<T>,
    steps: u64,
) -> f64 {
    let tolerance = if T::DTYPE == f64::DTYPE { 1e-10 } else { 1e-5 };
    let fixtures = Fixtures::new(FILE);
    set_weights(&model);
    let mut optimizer = Optimizer::new(model.named_parameters(), algorithm).expect("valid hyper-parameters");
    let mut losses = Vec::new();
    for batch in (0..steps).map(|step| step % 4) {
        let logits = forward(&model, batch).reshape([labels, classes as usize]);
        let loss = cross_entropy(&logits, &below(2000 + batch, &[labels], classes)).expect("labels are in range");
        losses.push(loss.item());
        optimizer.zero_grad();
        loss.backward().expect("the loss has a graph");
        optimizer.step().expect("valid hyper-parameters");
    }
    let run = format!("{run}.{}", T::DTYPE);
    let mut worst = fixtures.check_losses(&run, &losses, tolerance);
    if steps < 20 {
        return worst;
    }
    for (name, parameter) in model.named_parameters() {
        let gradient = parameter.grad().expect("the last step's gradients stay");
        worst = worst.max(fixtures.check(&format!("{run}.grad.{name}"), &gradient, tolerance));
    }
    let state = StateDict::of(&model);
    for (name, tensor) in state.entries() {
        // A tied weight is stored under its first name.
        if !(name == "head.weight" && state.get("wte.weight").is_some()) {
            worst = worst.max(fixtures.check(&format!("{run}.state.{name}"), tensor, tolerance));
        }
    }
    for (name, counter) in state.integers() {
        assert_eq!(fixtures.get(&format!("{run}.state.{name}")).as_ref(), Some(counter), "{name}");
    }
    worst
}

fn gpt<T: Float>() -> f64 {
    let model = Gpt::<T>::new(GptConfig { vocab_size: 11, block_size: 8, n_layer: 2, n_head: 2, n_embd: 16 });
    let algorithm = AdamW { lr: 3e-3, ..AdamW::default() };
    let forward =
        |model: &Gpt<T>, batch| model.forward(&below(1000 + batch, &[4, 8], 11)).expect("tokens are in range");
    check("gpt", model, algorithm, (32, 11), forward, 20)
}

fn char_lstm<T: Float>() -> f64 {
    let model = CharLstm::<T>::new(11, 6, 10);
    let algorithm = Adam { lr: 3e-3, ..Adam::default() };
    let forward =
        |model: &CharLstm<T>, batch| model.forward(&below(1000 + batch, &[4, 9], 11)).expect("tokens are in range");
    check("char_lstm", model, algorithm, (36, 11), forward, 20)
}

fn resnet20<T: Float>(steps: u64) -> f64 {
    let algorithm = Sgd { lr: 0.05, momentum: 0.9, weight_decay: 1e-4, ..Sgd::default() };
    let forward = |model: &ResNet20<T>, batch: u64| {
        let pixel = |i| T::from_f64(f64::from(signed(1000 + batch, i as u64)));
        model.forward(&Var::new(Tensor::from_fn([4, 3, 16, 16], pixel)))
    };
    check("resnet20", ResNet20::<T>::new(), algorithm, (4, 10), forward, steps)
}

#[test]
fn models_train_as_in_pytorch() {
    println!("gpt: worst difference {:.1e} in f32, {:.1e} in f64", gpt::<f32>(), gpt::<f64>());
    println!("char_lstm: worst difference {:.1e} in f32, {:.1e} in f64", char_lstm::<f32>(), char_lstm::<f64>());
    // models.py says why f32 stops after 4 steps.
    println!("resnet20: worst difference {:.1e} in f32, {:.1e} in f64", resnet20::<f32>(4), resnet20::<f64>(20));
}
