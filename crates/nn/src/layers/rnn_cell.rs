//! One step of a plain recurrent network.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Float, RnnNonlinearity};

use super::recurrent::{Kind, parameters, step};

/// One step `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)` ([torch.nn.RNNCell]).
///
/// All parameters start uniform in `+-1 / sqrt(hidden_size)`.
///
/// [torch.nn.RNNCell]: https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
#[derive(Debug, crate::Module)]
pub struct RNNCell<T: Float = f32> {
    /// `[hidden_size, input_size]`.
    pub weight_ih: Param<T>,
    /// `[hidden_size, hidden_size]`.
    pub weight_hh: Param<T>,
    /// `[hidden_size]`.
    pub bias_ih: Option<Param<T>>,
    /// `[hidden_size]`.
    pub bias_hh: Option<Param<T>>,
    #[module(skip)]
    nonlinearity: RnnNonlinearity,
}

impl<T: Float> RNNCell<T> {
    /// A layer with biases.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        let ([weight_ih, weight_hh], [bias_ih, bias_hh]) =
            parameters(Kind::Rnn(RnnNonlinearity::Tanh), input_size, hidden_size);
        Self { weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity: RnnNonlinearity::Tanh }
    }

    /// The layer without its biases.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias_ih: None, bias_hh: None, ..self }
    }

    /// The layer with another nonlinearity than the hyperbolic tangent.
    #[must_use]
    pub fn with_nonlinearity(self, nonlinearity: RnnNonlinearity) -> Self {
        Self { nonlinearity, ..self }
    }

    /// The hidden state after `x` `[B, input_size]` or `[input_size]`; `state` is the one before, zeros where it is not
    /// given.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Var<T>, state: Option<&Var<T>>) -> Var<T> {
        let (weights, bias) = ((&self.weight_ih, &self.weight_hh), (&self.bias_ih, &self.bias_hh));
        step(Kind::Rnn(self.nonlinearity), weights, bias, x, state.map(|h| [h]).as_ref().map(|state| &state[..]))
            .remove(0)
    }
}
