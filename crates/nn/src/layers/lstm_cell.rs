//! One step of a long short-term memory.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use super::recurrent::{Kind, parameters, step};

/// One step of an LSTM ([torch.nn.LSTMCell]; the formula is at [`Var::lstm`]). Gates lie in the order input, forget,
/// cell, output.
///
/// All parameters start uniform in `+-1 / sqrt(hidden_size)`.
///
/// [torch.nn.LSTMCell]: https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
#[derive(Debug, crate::Module)]
pub struct LSTMCell<T: Float = f32> {
    /// `[4 hidden_size, input_size]`.
    pub weight_ih: Param<T>,
    /// `[4 hidden_size, hidden_size]`.
    pub weight_hh: Param<T>,
    /// `[4 hidden_size]`.
    pub bias_ih: Option<Param<T>>,
    /// `[4 hidden_size]`.
    pub bias_hh: Option<Param<T>>,
}

impl<T: Float> LSTMCell<T> {
    /// A layer with biases.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        let ([weight_ih, weight_hh], [bias_ih, bias_hh]) = parameters(Kind::Lstm, input_size, hidden_size);
        Self { weight_ih, weight_hh, bias_ih, bias_hh }
    }

    /// The layer without its biases.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias_ih: None, bias_hh: None, ..self }
    }

    /// Hidden state and cells after `x` `[B, input_size]` or `[input_size]`; `state` holds those before, zeros where it
    /// is not given.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Var<T>, state: Option<(&Var<T>, &Var<T>)>) -> (Var<T>, Var<T>) {
        let (weights, bias) = ((&self.weight_ih, &self.weight_hh), (&self.bias_ih, &self.bias_hh));
        let last = step(Kind::Lstm, weights, bias, x, state.map(|(h, c)| [h, c]).as_ref().map(|state| &state[..]));
        let [h, c] = <[Var<T>; 2]>::try_from(last).expect("an LSTM has two states");
        (h, c)
    }
}
