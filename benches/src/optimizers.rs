//! Optimizer steps alone.

use gradus_autograd::Param;
use gradus_optim::{Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::random::Generator;

use crate::{Work, Workload};

const MOMENTUM: Sgd = Sgd { lr: 1e-3, momentum: 0.9, dampening: 0.0, weight_decay: 0.0, nesterov: false };

macro_rules! sizes {
    ($($name:literal, $bytes:literal, $algorithm:expr;)*) => {
        &[$(
            sizes!(@one $name, 65536, $bytes, $algorithm),
            sizes!(@one $name, 1048576, $bytes, $algorithm),
            sizes!(@one $name, 16777216, $bytes, $algorithm),
        )*]
    };
    (@one $name:literal, $n:literal, $bytes:literal, $algorithm:expr) => {
        Workload {
            group: "optimizer",
            name: concat!($name, "_", $n),
            bytes: Some($n * $bytes),
            prepare: || prepare($n, $algorithm.into()),
        }
    };
}

/// With the bytes that an update reads and writes for each parameter of 4 bytes.
pub(crate) const ALL: &[Workload] = sizes! {
    "sgd", 12, Sgd::default();
    "sgd_momentum", 20, MOMENTUM;
    "adam", 28, Adam::default();
    "adamw", 28, AdamW::default();
};

/// 16 tensors of `n` elements in all.
fn prepare(n: usize, algorithm: Algorithm) -> Work {
    let mut generator = Generator::new(0, 0);
    let parameters: Vec<(String, Param)> = (0..16)
        .map(|i| {
            let parameter = Param::new(generator.normal([n / 16], 0.0, 1.0));
            parameter.set_grad(Some(generator.normal([n / 16], 0.0, 1.0)));
            (format!("p{i}"), parameter)
        })
        .collect();
    let mut optimizer = Optimizer::new(parameters, algorithm).expect("the defaults are valid");
    Box::new(move || optimizer.step().expect("the learning rate is valid"))
}
