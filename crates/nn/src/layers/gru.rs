//! The gated recurrent unit layer.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use super::recurrent::{flat, layered, parameters, weights};
use crate::module::Layer;

/// One layer of GRU over sequences, batch first: `[B, T, input_size] -> [B, T, hidden_size]` ([torch.nn.GRU] with
/// `batch_first=True`; the formula is at [`Var::gru`]). Gates lie in the order reset, update, new.
///
/// All parameters start uniform in `+-1 / sqrt(hidden_size)`. As a [`Layer`] it starts from zeros and gives the hidden
/// states after each step; [`forward_with_state`](Self::forward_with_state) takes and gives the state.
///
/// [torch.nn.GRU]: https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
#[derive(Debug, crate::Module)]
pub struct GRU<T: Float = f32> {
    /// `[3 hidden_size, input_size]`.
    pub weight_ih_l0: Param<T>,
    /// `[3 hidden_size, hidden_size]`.
    pub weight_hh_l0: Param<T>,
    /// `[3 hidden_size]`.
    pub bias_ih_l0: Option<Param<T>>,
    /// `[3 hidden_size]`.
    pub bias_hh_l0: Option<Param<T>>,
}

impl<T: Float> GRU<T> {
    /// A layer with biases.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        let ([weight_ih_l0, weight_hh_l0], biases) = parameters(3, [input_size, hidden_size]);
        let [bias_ih_l0, bias_hh_l0] = biases.map(Some);
        Self { weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 }
    }

    /// The layer without its biases.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias_ih_l0: None, bias_hh_l0: None, ..self }
    }

    /// The hidden states `[B, T, H]`, and the last, `h_n` `[1, B, H]`; `state` is the first, zeros where it is not
    /// given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn forward_with_state(&self, x: &Var<T>, state: Option<&Var<T>>) -> (Var<T>, Var<T>) {
        let weights = weights(&self.weight_ih_l0, &self.weight_hh_l0, (&self.bias_ih_l0, &self.bias_hh_l0));
        let state = state.map(|h| flat("GRU", h, x, &weights));
        let out = x.gru(&weights, state.as_ref());
        (out.output, layered(&out.h_n))
    }
}

impl<T: Float> Layer<T> for GRU<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_with_state(x, None).0
    }
}
