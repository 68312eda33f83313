//! What the recurrent layers have in common.

use gradus_autograd::{Param, RecurrentWeights, Var};
use gradus_tensor::Float;

use crate::init;

/// Weights `[gates H, I]` and `[gates H, H]` and biases `[gates H]`, uniform in `+-1 / sqrt(H)`, in PyTorch's order.
pub(super) fn parameters<T: Float>(gates: usize, [inputs, hidden]: [usize; 2]) -> ([Param<T>; 2], [Param<T>; 2]) {
    let bound = if hidden > 0 { 1.0 / (hidden as f64).sqrt() } else { 0.0 };
    let rows = gates * hidden;
    let weights = [inputs, hidden].map(|columns| Param::new(init::uniform([rows, columns], -bound, bound)));
    (weights, [(), ()].map(|()| Param::new(init::uniform([rows], -bound, bound))))
}

/// The parameters as variables.
pub(super) fn weights<T: Float>(
    weight_ih: &Param<T>,
    weight_hh: &Param<T>,
    bias: (&Option<Param<T>>, &Option<Param<T>>),
) -> RecurrentWeights<T> {
    RecurrentWeights {
        weight_ih: weight_ih.var(),
        weight_hh: weight_hh.var(),
        bias: bias.0.as_ref().zip(bias.1.as_ref()).map(|(ih, hh)| (ih.var(), hh.var())),
    }
}

/// The first state `[1, B, H]` of the layer called `name` as `[B, H]`.
#[track_caller]
pub(super) fn flat<T: Float>(name: &str, state: &Var<T>, x: &Var<T>, weights: &RecurrentWeights<T>) -> Var<T> {
    let (batch, hidden) = (x.shape().first().copied().unwrap_or(0), weights.weight_hh.shape()[1]);
    let shape = [1, batch, hidden];
    assert!(state.shape() == shape, "{name}: a state of shape {:?} is not [1, B, H] = {shape:?}", state.shape());
    state.reshape([batch, hidden])
}

/// A last state `[B, H]` as `[1, B, H]`.
pub(super) fn layered<T: Float>(state: &Var<T>) -> Var<T> {
    state.reshape([1, state.shape()[0], state.shape()[1]])
}
