//! The long short-term memory layer.

use gradus_autograd::{LstmWeights, Param, Var};
use gradus_tensor::Float;

use crate::init;
use crate::module::Layer;

/// One layer of LSTM over sequences, batch first: `[B, T, input_size] -> [B, T, hidden_size]` ([torch.nn.LSTM] with
/// `batch_first=True`; the formula is at [`Var::lstm`]). Gates lie in the order input, forget, cell, output.
///
/// All parameters start uniform in `+-1 / sqrt(hidden_size)`. As a [`Layer`] it starts from zeros and gives the hidden
/// states after each step; [`forward_with`](Self::forward_with) takes and gives the states.
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
        let bound = if hidden_size > 0 { 1.0 / (hidden_size as f64).sqrt() } else { 0.0 };
        let gates = 4 * hidden_size;
        let bias = || Some(Param::new(init::uniform([gates], -bound, bound)));
        Self {
            weight_ih_l0: Param::new(init::uniform([gates, input_size], -bound, bound)),
            weight_hh_l0: Param::new(init::uniform([gates, hidden_size], -bound, bound)),
            bias_ih_l0: bias(),
            bias_hh_l0: bias(),
        }
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
    pub fn forward_with(&self, x: &Var<T>, state: Option<(&Var<T>, &Var<T>)>) -> (Var<T>, (Var<T>, Var<T>)) {
        let weights = LstmWeights {
            weight_ih: self.weight_ih_l0.var(),
            weight_hh: self.weight_hh_l0.var(),
            bias: self.bias_ih_l0.as_ref().zip(self.bias_hh_l0.as_ref()).map(|(ih, hh)| (ih.var(), hh.var())),
        };
        let hidden = weights.weight_hh.shape()[1];
        let batch = x.shape().first().copied().unwrap_or(0);
        let flat = |state: &Var<T>| {
            let shape = [1, batch, hidden];
            assert!(state.shape() == shape, "LSTM: a state of shape {:?} is not [1, B, H] = {shape:?}", state.shape());
            state.reshape([batch, hidden])
        };
        let state = state.map(|(h, c)| (flat(h), flat(c)));
        let out = x.lstm(&weights, state.as_ref().map(|(h, c)| (h, c)));
        let layered = |state: Var<T>| state.reshape([1, batch, hidden]);
        (out.output, (layered(out.h_n), layered(out.c_n)))
    }
}

impl<T: Float> Layer<T> for LSTM<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.forward_with(x, None).0
    }
}
