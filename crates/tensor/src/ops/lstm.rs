//! A long short-term memory over whole sequences, and its gradients.

use crate::element::Float;
use crate::kernels::lstm::{self, Gradients};
use crate::kernels::recurrent::GATES;
use crate::ops::recurrent::{check, check_gradients, input_product, states};
use crate::tensor::Tensor;

/// What [`Tensor::lstm`] computed.
#[derive(Clone, Debug)]
pub struct LstmStates<T: Float = f32> {
    /// The hidden state after each step, `[B, T, H]`.
    pub output: Tensor<T>,
    /// The first hidden state and that after each step, `[T + 1, B, H]`.
    pub hiddens: Tensor<T>,
    /// The first cells and those after each step, `[T + 1, B, H]`.
    pub cells: Tensor<T>,
    /// Input, forget, cell and output gates of each step, `[T, B, 4 H]`.
    pub gates: Tensor<T>,
    /// The input with time first, `[T, B, I]`.
    pub input: Tensor<T>,
}

/// The gradients of the operands of [`Tensor::lstm`].
#[derive(Clone, Debug)]
pub struct LstmGradients<T: Float = f32> {
    /// `[B, T, I]`, where it was asked for.
    pub input: Option<Tensor<T>>,
    /// `[4 H, I]`.
    pub weight_ih: Tensor<T>,
    /// `[4 H, H]`.
    pub weight_hh: Tensor<T>,
    /// `[4 H]`.
    pub bias: Tensor<T>,
    /// Of the first hidden state, `[B, H]`.
    pub hidden: Tensor<T>,
    /// Of the first cells, `[B, H]`.
    pub cell: Tensor<T>,
}

impl<T: Float> Tensor<T> {
    /// The states of an LSTM over this sequence `[B, T, I]`: with `z = W_ih x + W_hh h + b`, cut into four of H,
    /// `i, f, o = sigmoid(z_0, z_1, z_3)`, `g = tanh(z_2)`, `c' = f c + i g`, `h' = o tanh(c')`.
    ///
    /// `weight_ih` is `[4 H, I]`, `weight_hh` `[4 H, H]`, `bias` `[4 H]`, and the first hidden state and cells
    /// `[B, H]`, zeros where they are not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn lstm(
        &self,
        (weight_ih, weight_hh): (&Self, &Self),
        bias: Option<&Self>,
        state: Option<(&Self, &Self)>,
    ) -> LstmStates<T> {
        let given: Vec<&Self> = state.iter().flat_map(|&(h, c)| [h, c]).collect();
        let bias: Vec<&Self> = bias.into_iter().collect();
        let sizes = check(("lstm", GATES), self, (weight_ih, weight_hh), &bias, &given);
        let input = self.exchange_rows();
        let mut gates = Self::build(&[sizes.time, sizes.batch, GATES * sizes.hidden], |gates| {
            input_product(sizes, &input, weight_ih, bias.first().copied(), gates);
        });
        let (mut hiddens, mut cells) = (states(sizes, state.map(|s| s.0)), states(sizes, state.map(|s| s.1)));
        let output = Self::build(&[sizes.batch, sizes.time, sizes.hidden], |output| {
            let states = (cells.as_mut_slice(), hiddens.as_mut_slice());
            lstm::forward(sizes, &weight_hh.row_major(), gates.as_mut_slice(), states, output);
        });
        LstmStates { output, hiddens, cells, gates, input }
    }
}

impl<T: Float> LstmStates<T> {
    /// The gradients, from those of the output `[B, T, H]` and of the last hidden state and cells `[B, H]`; zeros for
    /// those not given. That of the input is computed where `input_needed`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn gradients(
        &self,
        (weight_ih, weight_hh): (&Tensor<T>, &Tensor<T>),
        output: Option<&Tensor<T>>,
        last: [Option<&Tensor<T>>; 2],
        input_needed: bool,
    ) -> LstmGradients<T> {
        let sizes = check_gradients("lstm", &self.output, output, &last);
        let [time, batch, hidden] = [sizes.time, sizes.batch, sizes.hidden];
        let d_out = output.map(Tensor::with_rows_together);
        let d_out = d_out.as_ref().and_then(Tensor::sequence);
        let mut states = last.map(|g| g.map_or_else(|| Tensor::zeros([batch, hidden]), Tensor::copy));
        let mut bias = Tensor::zeros([GATES * hidden]);
        let saved = (&*self.gates.row_major(), &*self.cells.row_major());
        let d_gates = Tensor::build(&[time * batch, GATES * hidden], |gates| {
            let [h, c] = &mut states;
            let (hidden, cell) = (h.as_mut_slice(), c.as_mut_slice());
            let gradients = Gradients { gates, bias: bias.as_mut_slice(), hidden, cell };
            lstm::backward(sizes, &weight_hh.row_major(), saved, d_out, gradients);
        });
        let by_gates = d_gates.transpose(0, 1);
        let inputs = self.input.shape()[2];
        let before = self.hiddens.slice(0, 0..time).reshape([time * batch, hidden]);
        let input = input_needed.then(|| d_gates.matmul(weight_ih).reshape([time, batch, inputs]).exchange_rows());
        let weight_ih = by_gates.matmul(&self.input.reshape([time * batch, inputs]));
        let [hidden, cell] = states;
        LstmGradients { input, weight_ih, weight_hh: by_gates.matmul(&before), bias, hidden, cell }
    }
}
