//! The plain recurrent layer.

use gradus_autograd::Var;
use gradus_tensor::{Float, RnnNonlinearity};

use super::recurrent::{Kind, Recurrent};
use crate::module::{Layer, Members, Module};
use crate::packed_sequence::PackedSequence;

/// Layers of plain recurrence over sequences, `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)` (Elman, Cognitive Science 14,
/// 1990; [torch.nn.RNN]).
///
/// As in PyTorch sequences are `[T, B, input_size]`, with time first, or `[T, input_size]`; with
/// [`with_batch_first`](Self::with_batch_first) they are `[B, T, input_size]`. The output is
/// `[T, B, D hidden_size]`, where D is 2 for both directions, else 1. Parameters have PyTorch's names, as
/// `weight_ih_l0` and `bias_hh_l1_reverse`, and start uniform in `+-1 / sqrt(hidden_size)`.
///
/// As a [`Layer`] it starts from zeros and gives the hidden states of the last layer after each step;
/// [`forward_with_state`](Self::forward_with_state) takes and gives the states.
///
/// [torch.nn.RNN]: https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
#[derive(Debug)]
pub struct RNN<T: Float = f32> {
    layers: Recurrent<T>,
}

impl<T: Float> RNN<T> {
    /// One layer forwards with biases and the hyperbolic tangent, time first: PyTorch's defaults.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        Self { layers: Recurrent::new(Kind::Rnn(RnnNonlinearity::Tanh), input_size, hidden_size) }
    }

    /// The layer with another nonlinearity.
    #[must_use]
    pub fn with_nonlinearity(self, nonlinearity: RnnNonlinearity) -> Self {
        Self { layers: self.layers.with(|settings| settings.kind = Kind::Rnn(nonlinearity)) }
    }

    /// The layer with so many layers on top of each other. Default: 1.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub fn with_num_layers(self, num_layers: usize) -> Self {
        assert!(num_layers > 0, "RNN: there must be a layer");
        Self { layers: self.layers.with(|settings| settings.num_layers = num_layers) }
    }

    /// The layer without its biases.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { layers: self.layers.with(|settings| settings.bias = false) }
    }

    /// The layer over sequences `[B, T, input_size]` instead of `[T, B, input_size]`.
    #[must_use]
    pub fn with_batch_first(self) -> Self {
        Self { layers: self.layers.with(|settings| settings.batch_first = true) }
    }

    /// The layer with dropout of probability `p` between its layers, in training. Default: 0.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[must_use]
    #[track_caller]
    pub fn with_dropout(self, p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "RNN: probability {p} is outside 0..=1");
        Self { layers: self.layers.with(|settings| settings.dropout = p) }
    }

    /// The layer in both directions: their outputs side by side, and twice the states.
    #[must_use]
    pub fn with_bidirectional(self) -> Self {
        Self { layers: self.layers.with(|settings| settings.bidirectional = true) }
    }

    /// The hidden states of the last layer after each step, and the last of all layers, `h_n`
    /// `[D num_layers, B, hidden_size]`; `state` is the first, zeros where it is not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn forward_with_state(&self, x: &Var<T>, state: Option<&Var<T>>) -> (Var<T>, Var<T>) {
        let (output, mut last) = self.layers.forward(x, state.map(|h| [h]).as_ref().map(|state| &state[..]));
        (output, last.remove(0))
    }

    /// [`forward_with_state`](Self::forward_with_state) for sequences of several lengths, whose order the states have.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_packed(&self, x: &PackedSequence<T>, state: Option<&Var<T>>) -> (PackedSequence<T>, Var<T>) {
        let (output, mut last) = self.layers.forward_packed(x, state.map(|h| [h]).as_ref().map(|state| &state[..]));
        (output, last.remove(0))
    }
}

impl<T: Float> Module<T> for RNN<T> {
    fn members(&self, members: &mut Members<T>) {
        self.layers.members(members);
    }
}

impl<T: Float> Layer<T> for RNN<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.layers.forward(x, None).0
    }
}
