//! Optimizer steps over 16 tensors with given gradients.

use gradus_autograd::Param;
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, Lion, Optimizer, Sgd, clip_grad_norm};
use gradus_tensor::random::Generator;

use crate::workload::{Prepared, Workload};

/// An algorithm to measure.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Numbers read or written for each parameter in a step.
    pub(crate) numbers: usize,
    /// With the hyper-parameters that it is measured with.
    pub(crate) algorithm: fn() -> Algorithm,
}

pub(crate) const ALGORITHMS: [Measured; 6] = [
    Measured { name: "sgd", numbers: 3, algorithm: || Sgd::default().into() },
    Measured { name: "sgd_momentum", numbers: 5, algorithm: || Sgd { momentum: 0.9, ..Sgd::default() }.into() },
    Measured { name: "adam", numbers: 7, algorithm: || Adam::default().into() },
    Measured { name: "adamw", numbers: 7, algorithm: || AdamW::default().into() },
    Measured { name: "lion", numbers: 5, algorithm: || Lion::default().into() },
    Measured { name: "adadelta", numbers: 7, algorithm: || Adadelta::default().into() },
];

/// Numbers in all tensors together: one fits in a core's cache, one in the shared cache, one in neither.
const SIZES: [usize; 3] = [1 << 16, 1 << 20, 1 << 24];

const TENSORS: usize = 16;

/// Many small tensors: what a step costs beside its arithmetic.
const MANY: usize = 1000;
const OF: usize = 64;

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    let large = ALGORITHMS.into_iter().flat_map(|Measured { name, algorithm, .. }| {
        SIZES.map(|n| Workload::new("optimizer", format!("{name}_{n}"), move || prepare(algorithm(), n)))
    });
    let many = ["sgd_momentum", "adam"].map(|name| {
        let algorithm =
            ALGORITHMS.into_iter().find(|measured| measured.name == name).expect("it is measured").algorithm;
        Workload::new("optimizer", format!("{name}_{MANY}_of_{OF}"), move || step(algorithm(), parameters(MANY, OF)))
    });
    let around = [
        Workload::new("optimizer", format!("clip_grad_norm_{}", SIZES[2]), || clip(SIZES[2])),
        Workload::new("optimizer", format!("zero_grad_{MANY}_of_{OF}"), zero),
    ];
    large.chain(many).chain(around)
}

pub(crate) fn prepare(algorithm: Algorithm, n: usize) -> Prepared {
    step(algorithm, parameters(TENSORS, n / TENSORS))
}

/// Parameters with gradients.
fn parameters(tensors: usize, of: usize) -> Vec<(String, Param)> {
    let mut generator = Generator::new(0, 0);
    let parameter = |i| {
        let parameter = Param::new(generator.normal([of], 0.0, 1.0));
        parameter.set_grad(Some(generator.normal([of], 0.0, 1.0)));
        (format!("p{i}"), parameter)
    };
    (0..tensors).map(parameter).collect()
}

fn step(algorithm: Algorithm, parameters: Vec<(String, Param)>) -> Prepared {
    let mut optimizer = Optimizer::new(parameters.clone(), algorithm).expect("the defaults are valid");
    Prepared { round: Box::new(move || optimizer.step().expect("the learning rate is valid")), parameters }
}

/// Gradients that are scaled each time: by a bound that is ever smaller.
fn clip(n: usize) -> Prepared {
    let named = parameters(TENSORS, n / TENSORS);
    let parameters: Vec<Param> = named.iter().map(|(_, parameter)| parameter.clone()).collect();
    let mut bound = 1e3;
    let round = move || {
        bound *= 0.999;
        clip_grad_norm(&parameters, bound).expect("the gradients are finite");
    };
    Prepared { round: Box::new(round), parameters: named }
}

fn zero() -> Prepared {
    let named = parameters(MANY, OF);
    let gradients: Vec<_> = named.iter().map(|(_, parameter)| parameter.grad()).collect();
    let mut optimizer = Optimizer::new(named.clone(), Sgd::default()).expect("the defaults are valid");
    let parameters = named.clone();
    let round = move || {
        optimizer.zero_grad();
        parameters.iter().zip(&gradients).for_each(|((_, p), gradient)| p.set_grad(gradient.clone()));
    };
    Prepared { round: Box::new(round), parameters: named }
}
