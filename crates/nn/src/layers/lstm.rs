//! The long short-term memory layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use super::recurrent::{flat, layered, parameters, weights};
use crate::module::Layer;

/// One layer of LSTM over sequences, batch first: `[B, T, input_size] -> [B, T, hidden_size]` ([torch.nn.LSTM] with
/// `batch_first=True`; the formula is at [`Var::lstm`]). Gates lie in the order input, forget, cell, output.
///
/// All parameters start uniform in `+-1 / sqrt(hidden_size)`. As a [`Layer`] it starts from zeros and gives the hidden
/// states after each step; [`forward_with_state`](Self::forward_with_state) takes and gives the states.
///
/// [torch.nn.LSTM]: https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
#[derive(Debug, crate::Module)]
pub struct LSTM<T: Float = f32> {
    /// `[4 hidden_size, input_size]`.
    pub weight_ih_l0: Param<T>,
    /// `[4 hidden_size, hidden_size]`.
    pub weight_hh_l0: Param<T>,
    /// `[4 hidden_size]`.
    pub bias_ih_l0: Option<Param<T>>,
    /// `[4 hidden_size]`.
    pub bias_hh_l0: Option<Param<T>>,
}

impl<T: Float> LSTM<T> {
    /// A layer with biases.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        let ([weight_ih_l0, weight_hh_l0], biases) = parameters(4, [input_size, hidden_size]);
        let [bias_ih_l0, bias_hh_l0] = biases.map(Some);
        Self { weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 }
    }

    /// The layer without its biases.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias_ih_l0: None, bias_hh_l0: None, ..self }
    }

    /// The hidden states `[B, T, H]`, and the last `(h_n, c_n)`, each `[1, B, H]`; `state` holds the first two, zeros
    /// where it is not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn forward_with_state(&self, x: &Var<T>, state: Option<(&Var<T>, &Var<T>)>) -> (Var<T>, (Var<T>, Var<T>)) {
        let weights = weights(&self.weight_ih_l0, &self.weight_hh_l0, (&self.bias_ih_l0, &self.bias_hh_l0));
        let state = state.map(|(h, c)| (flat("LSTM", h, x, &weights), flat("LSTM", c, x, &weights)));
        let out = x.lstm(&weights, state.as_ref().map(|(h, c)| (h, c)));
        (out.output, (layered(&out.h_n), layered(&out.c_n)))
    }
}

impl<T: Float> Layer<T> for LSTM<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_with_state(x, None).0
    }
}
