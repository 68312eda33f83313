//! Cases of the family `loss`.

use gradus_tensor::{CtcTargets, Tensor};

use super::{Case, Draw};
use crate::{Reduction, Var};

const LOGITS: &[&[&[usize]]] = &[&[&[3, 4]], &[&[1, 2]], &[&[5, 1]], &[&[2, 7]]];

pub(super) const CASES: &[Case] = &[
    Case("cross_entropy", |x| cross_entropy(x, Reduction::None), Draw::Any, LOGITS),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::Mean), Draw::Any, LOGITS),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::Sum), Draw::Any, LOGITS),
    Case(
        "binary_cross_entropy",
        |x| (&x[0] * 0.25).binary_cross_entropy(&(&x[1] * 0.5)),
        Draw::Positive,
        &[
            &[&[], &[]],
            &[&[1], &[1]],
            &[&[5], &[5]],
            &[&[2, 3], &[2, 3]],
            &[&[0, 3], &[0, 3]],
            &[&[2, 1, 4], &[2, 1, 4]],
            &[&[7], &[7]],
            &[&[3, 3], &[3, 3]],
        ],
    ),
    Case("ctc_loss", |x| ctc_loss(x, false), Draw::Any, STEPS),
    Case("ctc_loss", |x| ctc_loss(x, true), Draw::Any, STEPS),
];

/// Steps, samples and classes.
const STEPS: &[&[&[usize]]] = &[&[&[5, 2, 4]], &[&[1, 1, 2]], &[&[7, 3, 2]], &[&[3, 0, 3]], &[&[6, 1, 5]]];

/// Of labels that repeat, one fewer in each further sample, in a matrix or one after the other; samples get shorter.
fn ctc_loss(x: &[Var<f64>], matrix: bool) -> Var<f64> {
    let &[steps, samples, classes] = x[0].shape() else { unreachable!("as the shapes above") };
    let target_lengths: Vec<usize> = (0..samples).map(|n| (steps / 2).saturating_sub(n)).collect();
    let input_lengths = (0..samples).map(|n| steps - n).collect();
    let label = |i: usize| 1 + (i / 2 % (classes - 1)) as i64;
    let shape = if matrix { vec![samples, steps / 2] } else { vec![target_lengths.iter().sum()] };
    let targets = CtcTargets { labels: Tensor::from_fn(shape, label), input_lengths, target_lengths, blank: 0 };
    x[0].log_softmax(-1).ctc_loss(&targets, false).expect("labels are below the number of classes")
}

fn cross_entropy(x: &[Var<f64>], reduction: Reduction) -> Var<f64> {
    let classes = x[0].shape()[1];
    let targets = Tensor::from_fn([x[0].shape()[0]], |i| (i * 2 % classes) as i64);
    x[0].cross_entropy(&targets, reduction).expect("the labels are below the number of classes")
}
