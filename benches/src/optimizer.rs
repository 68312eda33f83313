//! Optimizer steps over 16 tensors with given gradients.

use gradus_autograd::Param;
use gradus_optim::{Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::random::Generator;

use crate::workload::{Preparation, Prepared, Workload};

/// A name and the algorithm with the hyper-parameters that it is measured with.
type Entry = (&'static str, fn() -> Algorithm);

const ALGORITHMS: [Entry; 4] = [
    ("sgd", || Sgd::default().into()),
    ("sgd_momentum", || Sgd { momentum: 0.9, ..Sgd::default() }.into()),
    ("adam", || Adam::default().into()),
    ("adamw", || AdamW::default().into()),
];

/// Numbers in all tensors together: one fits in a core's cache, one in the shared cache, one in neither.
const SIZES: [usize; 3] = [1 << 16, 1 << 20, 1 << 24];

const TENSORS: usize = 16;

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    ALGORITHMS.into_iter().flat_map(|(name, algorithm)| {
        SIZES.map(|n| Workload::new("optimizer", format!("{name}_{n}"), Preparation::Optimizer(algorithm, n)))
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
