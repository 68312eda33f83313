//! One step of a gated recurrent unit.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use super::recurrent::{Kind, parameters, step};

/// One step of a GRU ([torch.nn.GRUCell]; the formula is at [`Var::gru`]). Gates lie in the order reset, update, new.
///
/// All parameters start uniform in `+-1 / sqrt(hidden_size)`.
///
/// [torch.nn.GRUCell]: https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
#[derive(Debug, crate::Module)]
pub struct GRUCell<T: Float = f32> {
    /// `[3 hidden_size, input_size]`.
    pub weight_ih: Param<T>,
    /// `[3 hidden_size, hidden_size]`.
    pub weight_hh: Param<T>,
    /// `[3 hidden_size]`.
    pub bias_ih: Option<Param<T>>,
    /// `[3 hidden_size]`.
    pub bias_hh: Option<Param<T>>,
}

impl<T: Float> GRUCell<T> {
    /// A layer with biases.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        let ([weight_ih, weight_hh], [bias_ih, bias_hh]) = parameters(Kind::Gru, input_size, hidden_size);
        Self { weight_ih, weight_hh, bias_ih, bias_hh }
    }

    /// The layer without its biases.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias_ih: None, bias_hh: None, ..self }
    }

    /// The hidden state after `x` `[B, input_size]` or `[input_size]`; `state` is the one before, zeros where it is not
    /// given.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Var<T>, state: Option<&Var<T>>) -> Var<T> {
        let (weights, bias) = ((&self.weight_ih, &self.weight_hh), (&self.bias_ih, &self.bias_hh));
        step(Kind::Gru, weights, bias, x, state.map(|h| [h]).as_ref().map(|state| &state[..])).remove(0)
    }
}
