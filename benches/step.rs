//! Steps: the optimizer's alone, over 16 tensors, and whole training steps (forward, loss, backward, step, zero_grad).
//! Names and shapes are those that PyTorch is measured under.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradus_autograd::{Param, Var};
use gradus_nn::models::{Mlp, MnistCnn};
use gradus_nn::{Layer, cross_entropy, mse_loss};
use gradus_optim::{Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;

/// Bytes that an update reads and writes for each parameter of 4 bytes.
fn bytes_per_parameter(algorithm: &Algorithm) -> u64 {
    match algorithm {
        Algorithm::Sgd(sgd) if sgd.momentum == 0.0 => 12,
        Algorithm::Sgd(_) => 20,
        Algorithm::Adam(_) | Algorithm::AdamW(_) => 28,
    }
}

fn optimizer_steps(c: &mut Criterion) {
    let momentum = Sgd { momentum: 0.9, ..Sgd::default() };
    let algorithms: [(&str, Algorithm); 4] = [
        ("sgd", Sgd::default().into()),
        ("sgd_momentum", momentum.into()),
        ("adam", Adam::default().into()),
        ("adamw", AdamW::default().into()),
    ];
    let mut group = c.benchmark_group("optimizer");
    for (name, algorithm) in algorithms {
        for n in [1 << 16, 1 << 20, 1 << 24] {
            let mut generator = Generator::new(0, 0);
            let parameters: Vec<(String, Param)> = (0..16)
                .map(|i| {
                    let parameter = Param::new(generator.normal([n / 16], 0.0, 1.0));
                    parameter.set_grad(Some(generator.normal([n / 16], 0.0, 1.0)));
                    (format!("p{i}"), parameter)
                })
                .collect();
            let mut optimizer = Optimizer::new(parameters, algorithm.clone()).expect("the defaults are valid");
            group.throughput(Throughput::Bytes(n as u64 * bytes_per_parameter(&algorithm)));
            group.bench_function(format!("{name}_{n}"), |b| {
                b.iter(|| optimizer.step().expect("the learning rate is valid"));
            });
        }
    }
}

/// What the model's output is compared with.
enum Target {
    Classes(Tensor<i64>),
    Values(Tensor),
}

fn training_step(
    c: &mut Criterion,
    name: &str,
    model: &impl Layer,
    input: &[usize],
    target: &Target,
    algorithm: Algorithm,
) {
    let x = Var::new(Generator::new(0, 0).normal(input, 0.0, 1.0));
    let mut optimizer = Optimizer::new(model.named_parameters(), algorithm).expect("the defaults are valid");
    c.bench_function(&format!("step/{name}"), |b| {
        b.iter(|| {
            let out = model.forward(&x);
            let loss = match target {
                Target::Classes(labels) => cross_entropy(&out, labels).expect("labels are below the number of classes"),
                Target::Values(values) => mse_loss(&out, &Var::new(values.clone())),
            };
            loss.backward().expect("the loss has a graph");
            optimizer.step().expect("the learning rate is valid");
            optimizer.zero_grad();
        });
    });
}

fn training_steps(c: &mut Criterion) {
    let labels = |n: usize| Target::Classes(Tensor::from_fn([n], |i| (i * 7 % 10) as i64));
    let values = Target::Values(Generator::new(1, 0).normal([32, 1], 0.0, 1.0));
    let sgd = Sgd { lr: 0.01, ..Sgd::default() };
    let adam = Adam::default();
    training_step(c, "tiny_mlp_b32", &Mlp::new(&[2, 16, 16, 1]), &[32, 2], &values, sgd.into());
    training_step(c, "mlp_b64", &Mlp::new(&[784, 512, 256, 10]), &[64, 784], &labels(64), adam.into());
    training_step(c, "mlp_b512", &Mlp::new(&[784, 512, 256, 10]), &[512, 784], &labels(512), adam.into());
    training_step(c, "mnist_cnn_b64", &MnistCnn::new(), &[64, 1, 28, 28], &labels(64), adam.into());
}

criterion_group!(benches, optimizer_steps, training_steps);
criterion_main!(benches);
