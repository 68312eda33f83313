//! The algorithms and what they are run on.

use gradus_autograd::{Param, Var};
use gradus_optim::{
    Adafactor, Adam, AdamW, Algorithm, Asgd, Muon, NAdam, Optimizer, RAdam, RMSprop, ScheduleFreeAdamW, Sgd,
};
use gradus_tensor::Tensor;
use serde_json::Value;

/// Every algorithm of the registry with PyTorch's defaults, and with options.
pub(crate) fn algorithms() -> Vec<Algorithm> {
    let mut all: Vec<_> = Algorithm::NAMES.iter().map(|name| Algorithm::by_name(name).unwrap()).collect();
    all.push(Sgd { momentum: 0.9, dampening: 0.1, weight_decay: 0.1, ..Sgd::default() }.into());
    all.push(Sgd { momentum: 0.9, nesterov: true, ..Sgd::default() }.into());
    all.push(Adam { weight_decay: 0.1, amsgrad: true, ..Adam::default() }.into());
    all.push(AdamW { amsgrad: true, ..AdamW::default() }.into());
    all.push(Adafactor { weight_decay: 0.1, eps: (Some(1e-6), 1e-2), ..Adafactor::default() }.into());
    all.push(Asgd { t0: 3.0, lambd: 0.1, ..Asgd::default() }.into());
    all.push(Muon { nesterov: false, ..Muon::default() }.into());
    all.push(NAdam { weight_decay: 0.1, decoupled_weight_decay: true, ..NAdam::default() }.into());
    all.push(RAdam { weight_decay: 0.1, decoupled_weight_decay: true, ..RAdam::default() }.into());
    all.push(RMSprop { momentum: 0.9, ..RMSprop::default() }.into());
    all.push(RMSprop { centered: true, ..RMSprop::default() }.into());
    all.push(RMSprop { momentum: 0.9, centered: true, weight_decay: 0.1, ..RMSprop::default() }.into());
    all.push(ScheduleFreeAdamW { warmup_steps: 5, r: 1.0, weight_decay: 0.1, ..ScheduleFreeAdamW::default() }.into());
    all
}

/// The hyper-parameters by name.
pub(crate) fn fields(algorithm: &Algorithm) -> serde_json::Map<String, Value> {
    let tagged = serde_json::to_value(algorithm).unwrap();
    tagged.as_object().unwrap().values().next().unwrap().as_object().unwrap().clone()
}

/// The same algorithm with one hyper-parameter changed; none if that is no such value.
pub(crate) fn with(algorithm: &Algorithm, name: &str, value: Value) -> Option<Algorithm> {
    let mut tagged = serde_json::to_value(algorithm).unwrap();
    tagged.as_object_mut().unwrap().values_mut().next().unwrap()[name] = value;
    serde_json::from_value(tagged).ok()
}

/// A matrix, since Muon takes nothing else.
pub(crate) fn parameter(values: [f64; 6]) -> Param<f64> {
    Param::new(Tensor::from_slice(&values, [2, 3]))
}

pub(crate) fn pair() -> [Param<f64>; 2] {
    [parameter([1.0, -2.0, 3.0, 0.5, -0.25, 2.0]), parameter([0.5, 1.5, -1.0, 2.0, 0.75, -3.0])]
}

pub(crate) fn named(parameters: &[&Param<f64>]) -> Vec<(String, Param<f64>)> {
    parameters.iter().enumerate().map(|(i, &p)| (format!("p{i}"), p.clone())).collect()
}

pub(crate) fn square(p: &Param<f64>) -> Var<f64> {
    (p.var() * p.var()).sum()
}

/// A step on the sum of the squares.
pub(crate) fn step(optimizer: &mut Optimizer<f64>) {
    optimizer.zero_grad();
    for p in optimizer.parameters() {
        square(&p).backward().unwrap();
    }
    optimizer.step().unwrap();
}
