//! What the layers of one step have in common.

use gradus_autograd::{Param, RecurrentWeights, Var};
use gradus_tensor::Float;

use super::cell::{Cell, Kind};
use crate::init;

/// Weights `[gates H, I]` and `[gates H, H]` and biases `[gates H]`, uniform in `+-1 / sqrt(H)`, in PyTorch's order.
pub(in crate::layers) fn parameters<T: Float>(
    kind: Kind,
    inputs: usize,
    hidden: usize,
) -> ([Param<T>; 2], [Option<Param<T>>; 2]) {
    let bound = if hidden > 0 { 1.0 / (hidden as f64).sqrt() } else { 0.0 };
    let rows = kind.gates() * hidden;
    let weights = [inputs, hidden].map(|columns| Param::new(init::uniform([rows, columns], -bound, bound)));
    (weights, [(), ()].map(|()| Some(Param::new(init::uniform([rows], -bound, bound)))))
}

/// The states after one step from `x` `[B, I]` or `[I]`; the first ones are zeros where there are none.
#[track_caller]
pub(in crate::layers) fn step<T: Float>(
    kind: Kind,
    (weight_ih, weight_hh): (&Param<T>, &Param<T>),
    bias: (&Option<Param<T>>, &Option<Param<T>>),
    x: &Var<T>,
    state: Option<&[&Var<T>]>,
) -> Vec<Var<T>> {
    let single = x.shape().len() == 1;
    let rows = |x: &Var<T>| if single { x.unsqueeze(0) } else { x.clone() };
    let x = rows(x);
    assert!(x.shape().len() == 2, "{}Cell: an input of shape {:?} must be [B, I] or [I]", kind.name(), x.shape());
    let weights = RecurrentWeights {
        weight_ih: weight_ih.var(),
        weight_hh: weight_hh.var(),
        bias: bias.0.as_ref().zip(bias.1.as_ref()).map(|(ih, hh)| (ih.var(), hh.var())),
    };
    let state: Option<Vec<Var<T>>> = state.map(|state| state.iter().map(|part| rows(part)).collect());
    let (_, last) = Cell { kind, weights, projection: None }.run(&x.unsqueeze(1), state.as_deref());
    last.into_iter().map(|part| if single { part.squeeze(0) } else { part }).collect()
}
