//! Schedules: against PyTorch (xtask/parity/schedules.py), beyond it, and as an optimizer follows them.

mod beyond;
mod curve;
mod faults;
mod following;
mod parity;
#[path = "../parity/report.rs"]
mod report;

use gradus_autograd::Param;
use gradus_optim::{Adam, Algorithm, Optimizer, ParamGroup, Sgd};
use gradus_tensor::Tensor;

/// An optimizer with a group of one parameter for each learning rate.
fn optimizer(algorithm: &Algorithm, lrs: &[f64]) -> Optimizer<f64> {
    Optimizer::with_groups(lrs.iter().enumerate().map(|(i, &lr)| group(&format!("p{i}"), algorithm, lr))).unwrap()
}

/// A group of one parameter, 1, which has a gradient.
fn group(name: &str, algorithm: &Algorithm, lr: f64) -> ParamGroup<f64> {
    let parameter = Param::new(Tensor::ones([1]));
    parameter.set_grad(Some(Tensor::ones([1])));
    let mut algorithm = algorithm.clone();
    algorithm.set_lr(lr);
    ParamGroup::new([(name.to_owned(), parameter)], algorithm)
}

fn sgd() -> Algorithm {
    Sgd { momentum: 0.5, ..Sgd::default() }.into()
}

fn adam() -> Algorithm {
    Adam::default().into()
}

/// The learning rate and momentum of each group.
fn present(optimizer: &Optimizer<f64>) -> Vec<(f64, Option<f64>)> {
    optimizer.algorithms().iter().map(|algorithm| (algorithm.lr(), algorithm.momentum())).collect()
}
