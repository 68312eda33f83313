//! 100 steps of an MLP and of the MNIST CNN with four optimizers: every loss, the last gradients, the last weights.

use gradus_autograd::Var;
use gradus_nn::models::MnistCnn;
use gradus_nn::{Layer, Linear, Module, cross_entropy};
use gradus_optim::{Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::{Float, Tensor};

use crate::fixtures::{Fixtures, mixed, signed};

/// The model of `mlp.safetensors`: 20, 32, 16, 5.
#[derive(Module)]
struct Mlp<T: Float> {
    fc1: Linear<T>,
    fc2: Linear<T>,
    fc3: Linear<T>,
}

impl<T: Float> Layer<T> for Mlp<T> {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.fc3.forward(&self.fc2.forward(&self.fc1.forward(x).relu()).relu())
    }
}

/// How the data of one model are made, as the generator's README has it.
struct Setting {
    file: &'static [u8],
    first_parameter: u64,
    fan_ins: &'static [usize],
    first_inputs: u64,
    first_labels: u64,
    input: &'static [usize],
    classes: u64,
    pixel: fn(id: u64, index: usize) -> f32,
}

const MLP: Setting = Setting {
    file: include_bytes!("../fixtures/mlp.safetensors"),
    first_parameter: 0,
    fan_ins: &[20, 32, 16],
    first_inputs: 100,
    first_labels: 200,
    input: &[16, 20],
    classes: 5,
    pixel: |id, index| signed(id, index as u64),
};

const CNN: Setting = Setting {
    file: include_bytes!("../fixtures/cnn.safetensors"),
    first_parameter: 4000,
    fan_ins: &[9, 288, 9216, 128],
    first_inputs: 4100,
    first_labels: 2200,
    input: &[8, 1, 28, 28],
    classes: 10,
    // Blocks of 4 x 4 pixels that are -1 or 1.
    pixel: |id, index| {
        let (image, row, column) = (index / 784, index / 28 % 28, index % 28);
        let block = (image * 7 + row / 4) * 7 + column / 4;
        if signed(id, block as u64) >= 0.0 { 1.0 } else { -1.0 }
    },
};

/// The runs: name and hyper-parameters, for the MLP and for the CNN.
fn algorithms(cnn: bool) -> [(&'static str, Algorithm); 4] {
    let pick = |mlp, of_cnn| if cnn { of_cnn } else { mlp };
    let nesterov = Sgd { lr: pick(0.03, 0.002), momentum: 0.9, nesterov: true, weight_decay: 1e-4, ..Sgd::default() };
    let adamw = AdamW { lr: pick(3e-3, 2f64.powi(-14)), weight_decay: pick(1e-2, 2f64.powi(-6)), ..AdamW::default() };
    [
        ("sgd", Sgd { lr: pick(0.25, 0.01), ..Sgd::default() }.into()),
        ("nesterov", nesterov.into()),
        ("adam", Adam { lr: pick(3e-3, 6e-5), ..Adam::default() }.into()),
        ("adamw", adamw.into()),
    ]
}

/// Puts the given weights into `model`.
fn set_weights<T: Float>(setting: &Setting, model: &impl Module<T>, fixtures: &Fixtures) {
    for (i, (name, parameter)) in model.named_parameters().into_iter().enumerate() {
        let bound = (1.0 / (setting.fan_ins[i / 2] as f64).sqrt()) as f32;
        let id = setting.first_parameter + i as u64;
        let value = Tensor::from_fn(parameter.shape(), |index| signed(id, index as u64) * bound);
        let difference = fixtures.difference(&format!("init.{name}"), &value);
        assert!(difference < 1e-12, "{name}: the weights are not those that PyTorch started from ({difference:e})");
        parameter.set_value(value.map(|x| T::from_f64(f64::from(x))));
    }
}

fn batches<T: Float>(setting: &Setting, fixtures: &Fixtures) -> Vec<(Var<T>, Tensor<i64>)> {
    (0..4)
        .map(|batch| {
            let x = Tensor::from_fn(setting.input, |i| (setting.pixel)(setting.first_inputs + batch, i));
            let label = |i: usize| (mixed(setting.first_labels + batch, i as u64) % setting.classes) as i64;
            let labels = Tensor::from_fn([setting.input[0]], label);
            assert!(fixtures.difference(&format!("batch.{batch}.inputs"), &x) < 1e-12, "inputs of batch {batch}");
            assert_eq!(fixtures.get(&format!("batch.{batch}.labels")).as_ref(), Some(&labels), "batch {batch}");
            (Var::new(x.map(|x| T::from_f64(f64::from(x)))), labels)
        })
        .collect()
}

/// 100 steps, compared with the stored run; the largest difference.
fn check<T: Float>(setting: &Setting, model: &impl Layer<T>, run: &str, algorithm: Algorithm, tolerance: f64) -> f64 {
    let fixtures = Fixtures::new(setting.file);
    set_weights(setting, model, &fixtures);
    let batches = batches(setting, &fixtures);
    let mut optimizer = Optimizer::new(model.named_parameters(), algorithm).expect("valid hyper-parameters");
    let mut losses = Vec::new();
    for step in 0..100 {
        let (x, labels) = &batches[step % 4];
        let loss = cross_entropy(&model.forward(x), labels).expect("labels are in range");
        losses.push(loss.item());
        optimizer.zero_grad();
        loss.backward().expect("the loss has a graph");
        optimizer.step().expect("valid hyper-parameters");
    }
    let run = format!("{run}.{}", T::DTYPE);
    let mut worst = fixtures.check_losses(&run, &losses, tolerance);
    for (name, parameter) in model.named_parameters() {
        let gradient = parameter.grad().expect("the last step's gradients stay");
        worst = worst.max(fixtures.check(&format!("{run}.grad.{name}"), &gradient, tolerance));
        worst = worst.max(fixtures.check(&format!("{run}.param.{name}"), &parameter.value(), tolerance));
    }
    worst
}

#[test]
fn an_mlp_trains_as_in_pytorch() {
    fn model<T: Float>() -> Mlp<T> {
        Mlp { fc1: Linear::new(20, 32), fc2: Linear::new(32, 16), fc3: Linear::new(16, 5) }
    }
    for (run, algorithm) in algorithms(false) {
        let single = check::<f32>(&MLP, &model(), run, algorithm.clone(), 1e-5);
        let double = check::<f64>(&MLP, &model(), run, algorithm, 1e-10);
        println!("mlp {run}: worst difference {single:.1e} in f32, {double:.1e} in f64");
    }
}

#[test]
fn the_mnist_cnn_trains_as_in_pytorch() {
    for (run, algorithm) in algorithms(true) {
        let single = check::<f32>(&CNN, &MnistCnn::with_dropout(0.0, 0.0), run, algorithm.clone(), 1e-5);
        let double = check::<f64>(&CNN, &MnistCnn::with_dropout(0.0, 0.0), run, algorithm, 1e-10);
        println!("cnn {run}: worst difference {single:.1e} in f32, {double:.1e} in f64");
    }
}
