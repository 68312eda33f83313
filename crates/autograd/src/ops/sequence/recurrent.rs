//! What recurrent operations have in common: their parameters, their inputs, and steps composed of smaller operations.

use gradus_tensor::{Float, Tensor};

use crate::var::Var;

/// The parameters of [`Var::lstm`] (four gates) and [`Var::gru`] (three), for G gates.
#[derive(Clone, Debug)]
pub struct RecurrentWeights<T: Float = f32> {
    /// `[G H, I]`.
    pub weight_ih: Var<T>,
    /// `[G H, H]`.
    pub weight_hh: Var<T>,
    /// `bias_ih` and `bias_hh`, both `[G H]`.
    pub bias: Option<(Var<T>, Var<T>)>,
}

/// The inputs of a recurrent operation, in the order of its gradients.
pub(super) struct Inputs<T: Float> {
    /// The sequence and the two matrices, then the two biases and the first states, where there are any.
    all: Vec<Var<T>>,
    pub(super) with_bias: bool,
    pub(super) with_state: bool,
}

impl<T: Float> Inputs<T> {
    pub(super) fn new(x: &Var<T>, weights: &RecurrentWeights<T>, state: &[&Var<T>]) -> Self {
        let mut all = vec![x.clone(), weights.weight_ih.clone(), weights.weight_hh.clone()];
        all.extend(weights.bias.iter().flat_map(|(ih, hh)| [ih.clone(), hh.clone()]));
        all.extend(state.iter().map(|&state| state.clone()));
        Self { all, with_bias: weights.bias.is_some(), with_state: !state.is_empty() }
    }

    pub(super) fn all(&self) -> Vec<&Var<T>> {
        self.all.iter().collect()
    }

    pub(super) fn matrices(&self) -> (&Tensor<T>, &Tensor<T>) {
        (self.all[1].value(), self.all[2].value())
    }

    /// Variables in the place of these inputs, by what they are.
    pub(super) fn named<'a>(&self, inputs: &'a [Var<T>]) -> Steps<'a, T> {
        let [x, weight_ih, weight_hh, rest @ ..] = inputs else { unreachable!("there are three inputs at least") };
        let (biases, state) = rest.split_at(if self.with_bias { 2 } else { 0 });
        Steps { x, weight_ih, weight_hh, biases, state }
    }
}

/// What steps are composed of when their gradients are to be differentiated.
pub(super) struct Steps<'a, T: Float> {
    pub(super) x: &'a Var<T>,
    pub(super) weight_ih: &'a Var<T>,
    pub(super) weight_hh: &'a Var<T>,
    /// None or two.
    pub(super) biases: &'a [Var<T>],
    /// None or all.
    state: &'a [Var<T>],
}

impl<T: Float> Steps<'_, T> {
    pub(super) fn time(&self) -> usize {
        self.x.shape()[1]
    }

    /// The first of state number `i`.
    pub(super) fn first(&self, i: usize) -> Var<T> {
        let zeros = || Var::new(Tensor::zeros([self.x.shape()[0], self.weight_hh.shape()[1]]));
        self.state.get(i).cloned().unwrap_or_else(zeros)
    }

    /// Step `t` `[B, W]` of a sequence `[B, T, W]`.
    pub(super) fn at(&self, sequence: &Var<T>, t: usize) -> Var<T> {
        sequence.select(1, t as isize)
    }
}

/// Part `i` of `[B, G H]` cut into G, `[B, H]`.
pub(super) fn gate<T: Float>(all: &Var<T>, i: usize, gates: usize) -> Var<T> {
    let width = all.shape()[1] / gates;
    all.narrow(1, i * width, width)
}
