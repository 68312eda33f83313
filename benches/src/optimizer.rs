//! Optimizer steps over 16 tensors with given gradients.

use gradus_autograd::Param;
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, Optimizer, Sgd};
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

pub(crate) const ALGORITHMS: [Measured; 5] = [
    Measured { name: "sgd", numbers: 3, algorithm: || Sgd::default().into() },
    Measured { name: "sgd_momentum", numbers: 5, algorithm: || Sgd { momentum: 0.9, ..Sgd::default() }.into() },
    Measured { name: "adam", numbers: 7, algorithm: || Adam::default().into() },
    Measured { name: "adamw", numbers: 7, algorithm: || AdamW::default().into() },
    Measured { name: "adadelta", numbers: 7, algorithm: || Adadelta::default().into() },
];

/// Numbers in all tensors together: one fits in a core's cache, one in the shared cache, one in neither.
const SIZES: [usize; 3] = [1 << 16, 1 << 20, 1 << 24];

const TENSORS: usize = 16;

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    ALGORITHMS.into_iter().flat_map(|Measured { name, algorithm, .. }| {
        SIZES.map(|n| Workload::new("optimizer", format!("{name}_{n}"), move || prepare(algorithm(), n)))
    })
}

pub(crate) fn prepare(algorithm: Algorithm, n: usize) -> Prepared {
    let mut generator = Generator::new(0, 0);
    let parameters: Vec<(String, Param)> = (0..TENSORS)
        .map(|i| {
            let parameter = Param::new(generator.normal([n / TENSORS], 0.0, 1.0));
            parameter.set_grad(Some(generator.normal([n / TENSORS], 0.0, 1.0)));
            (format!("p{i}"), parameter)
        })
        .collect();
    let mut optimizer = Optimizer::new(parameters.clone(), algorithm).expect("the defaults are valid");
    Prepared { round: Box::new(move || optimizer.step().expect("the learning rate is valid")), parameters }
}
