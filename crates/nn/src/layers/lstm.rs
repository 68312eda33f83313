//! The long short-term memory layer.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::recurrent::{Kind, Recurrent};
use crate::module::{Layer, Members, Module};
use crate::packed_sequence::PackedSequence;

/// Layers of LSTM over sequences ([torch.nn.LSTM]; the formula is at [`Var::lstm`]). Gates lie in the order input,
/// forget, cell, output.
///
/// As in PyTorch sequences are `[T, B, input_size]`, with time first, or `[T, input_size]`; with
/// [`with_batch_first`](Self::with_batch_first) they are `[B, T, input_size]`. The output is
/// `[T, B, D hidden_size]`, where D is 2 for both directions, else 1. Parameters have PyTorch's names, as
/// `weight_ih_l0` and `bias_hh_l1_reverse`, and start uniform in `+-1 / sqrt(hidden_size)`.
///
/// As a [`Layer`] it starts from zeros and gives the hidden states of the last layer after each step;
/// [`forward_with_state`](Self::forward_with_state) takes and gives the states.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{LSTM, Layer};
/// use gradus_tensor::Tensor;
///
/// let lstm: LSTM = LSTM::new(3, 5).with_num_layers(2).with_bidirectional().with_batch_first();
/// let x = Var::new(Tensor::zeros([4, 7, 3]));
/// let (output, (h_n, c_n)) = lstm.forward_with_state(&x, None);
/// assert_eq!(output.shape(), [4, 7, 10]);
/// assert_eq!((h_n.shape(), c_n.shape()), (&[4, 4, 5][..], &[4, 4, 5][..]));
/// ```
///
/// [torch.nn.LSTM]: https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
#[derive(Debug)]
pub struct LSTM<T: Float = f32> {
    layers: Recurrent<T>,
}

impl<T: Float> LSTM<T> {
    /// One layer forwards with biases, time first: PyTorch's defaults.
    pub fn new(input_size: usize, hidden_size: usize) -> Self {
        Self { layers: Recurrent::new(Kind::Lstm, input_size, hidden_size) }
    }

    /// The layer with so many layers on top of each other. Default: 1.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub fn with_num_layers(self, num_layers: usize) -> Self {
        assert!(num_layers > 0, "LSTM: there must be a layer");
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
        assert!((0.0..=1.0).contains(&p), "LSTM: probability {p} is outside 0..=1");
        Self { layers: self.layers.with(|settings| settings.dropout = p) }
    }

    /// The layer in both directions: their outputs side by side, and twice the states.
    #[must_use]
    pub fn with_bidirectional(self) -> Self {
        Self { layers: self.layers.with(|settings| settings.bidirectional = true) }
    }

    /// The layer with hidden states multiplied by a matrix to `proj_size` numbers (Sak et al., Interspeech 2014). Its
    /// steps are computed one by one, not in the fused pass.
    ///
    /// # Panics
    /// If it is not below the hidden size.
    #[must_use]
    #[track_caller]
    pub fn with_proj_size(self, proj_size: usize) -> Self {
        Self {
            layers: self.layers.with(|settings| {
                let hidden_size = settings.hidden_size;
                assert!(proj_size < hidden_size, "LSTM: proj_size {proj_size} is not below hidden_size {hidden_size}");
                settings.proj_size = proj_size;
            }),
        }
    }

    /// The hidden states of the last layer after each step, and the last `(h_n, c_n)` of all layers, each
    /// `[D num_layers, B, hidden_size]`; `state` holds the first two, zeros where it is not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn forward_with_state(&self, x: &Var<T>, state: Option<(&Var<T>, &Var<T>)>) -> (Var<T>, (Var<T>, Var<T>)) {
        let (output, last) = self.layers.forward(x, state.map(|(h, c)| [h, c]).as_ref().map(|state| &state[..]));
        (output, pair(last))
    }

    /// [`forward_with_state`](Self::forward_with_state) for sequences of several lengths, whose order the states have.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward_packed(
        &self,
        x: &PackedSequence<T>,
        state: Option<(&Var<T>, &Var<T>)>,
    ) -> (PackedSequence<T>, (Var<T>, Var<T>)) {
        let (output, last) = self.layers.forward_packed(x, state.map(|(h, c)| [h, c]).as_ref().map(|state| &state[..]));
        (output, pair(last))
    }
}

fn pair<T: Float>(last: Vec<Var<T>>) -> (Var<T>, Var<T>) {
    let [h, c] = <[Var<T>; 2]>::try_from(last).expect("an LSTM has two states");
    (h, c)
}

impl<T: Float> Module<T> for LSTM<T> {
    fn members(&self, members: &mut Members<T>) {
        self.layers.members(members);
    }
}

impl<T: Float> Layer<T> for LSTM<T> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        self.layers.forward(x, None).0
    }
}
