//! A gated recurrent unit over whole sequences, and its gradients.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, MatrixMut, gemm};
use crate::kernels::gru::{self, Gradients};
use crate::kernels::recurrent::GATES;
use crate::ops::recurrent::{check, check_gradients, input_product, states};
use crate::tensor::Tensor;

/// What [`Tensor::gru`] computed.
#[derive(Clone, Debug)]
pub struct GruStates<T: Float = f32> {
    /// The hidden state after each step, `[B, T, H]`.
    pub output: Tensor<T>,
    /// The first hidden state and that after each step, `[T + 1, B, H]`.
    pub hiddens: Tensor<T>,
    /// Reset, update and new gates of each step, then `W_hn h + b_hn`, `[T, B, 4 H]`.
    pub gates: Tensor<T>,
    /// The input with time first, `[T, B, I]`.
    pub input: Tensor<T>,
}

/// The gradients of the operands of [`Tensor::gru`].
#[derive(Clone, Debug)]
pub struct GruGradients<T: Float = f32> {
    /// `[B, T, I]`, where it was asked for.
    pub input: Option<Tensor<T>>,
    /// `[3 H, I]`.
    pub weight_ih: Tensor<T>,
    /// `[3 H, H]`.
    pub weight_hh: Tensor<T>,
    /// `[3 H]`.
    pub bias_ih: Tensor<T>,
    /// `[3 H]`; its last third differs from that of `bias_ih`.
    pub bias_hh: Tensor<T>,
    /// Of the first hidden state, `[B, H]`.
    pub hidden: Tensor<T>,
}

impl<T: Float> Tensor<T> {
    /// The states of a GRU over this sequence `[B, T, I]`: with `u = W_ih x + b_ih` and `v = W_hh h + b_hh`, each cut
    /// into three of H, `r, z = sigmoid(u_0 + v_0), sigmoid(u_1 + v_1)`, `n = tanh(u_2 + r v_2)`,
    /// `h' = (1 - z) n + z h`.
    ///
    /// `weight_ih` is `[3 H, I]`, `weight_hh` `[3 H, H]`, `bias` holds `b_ih` and `b_hh`, each `[3 H]`, and the first
    /// hidden state `state` is `[B, H]`, zeros where it is not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn gru(
        &self,
        (weight_ih, weight_hh): (&Self, &Self),
        bias: Option<(&Self, &Self)>,
        state: Option<&Self>,
    ) -> GruStates<T> {
        let biases: Vec<&Self> = bias.iter().flat_map(|&(ih, hh)| [ih, hh]).collect();
        let given: Vec<&Self> = state.into_iter().collect();
        let sizes = check(("gru", 3), self, (weight_ih, weight_hh), &biases, &given);
        let input = self.exchange_rows();
        // The product fills three quarters of each row; the steps fill the last.
        let mut gates = Self::build(&[sizes.time, sizes.batch, GATES * sizes.hidden], |gates| {
            input_product(sizes, &input, weight_ih, bias.map(|(ih, _)| ih), gates);
        });
        let mut hiddens = states(sizes, state);
        let output = Self::build(&[sizes.batch, sizes.time, sizes.hidden], |output| {
            let bias = bias.map(|(_, hh)| hh.row_major());
            let weight = (&*weight_hh.row_major(), bias.as_deref());
            gru::forward(sizes, weight, gates.as_mut_slice(), hiddens.as_mut_slice(), output);
        });
        GruStates { output, hiddens, gates, input }
    }
}

impl<T: Float> GruStates<T> {
    /// The gradients, from those of the output `[B, T, H]` and of the last hidden state `[B, H]`; zeros for those not
    /// given. That of the input is computed where `input_needed`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn gradients(
        &self,
        (weight_ih, weight_hh): (&Tensor<T>, &Tensor<T>),
        output: Option<&Tensor<T>>,
        last: Option<&Tensor<T>>,
        input_needed: bool,
    ) -> GruGradients<T> {
        let sizes = check_gradients("gru", &self.output, output, &[last]);
        let [time, batch, hidden] = [sizes.time, sizes.batch, sizes.hidden];
        let d_out = output.map(Tensor::with_rows_together);
        let d_out = d_out.as_ref().and_then(Tensor::sequence);
        let mut d_hidden = last.map_or_else(|| Tensor::zeros([batch, hidden]), Tensor::copy);
        let mut bias = Tensor::zeros([GATES * hidden]);
        let saved = (&*self.gates.row_major(), &*self.hiddens.row_major());
        let d_gates = Tensor::build(&[time * batch, GATES * hidden], |gates| {
            let gradients = Gradients { gates, bias: bias.as_mut_slice(), hidden: d_hidden.as_mut_slice() };
            gru::backward(sizes, &weight_hh.row_major(), saved, d_out, gradients);
        });
        let by_inputs = d_gates.slice(1, 0..3 * hidden);
        let inputs = self.input.shape()[2];
        let input = input_needed.then(|| by_inputs.matmul(weight_ih).reshape([time, batch, inputs]).exchange_rows());
        let weight_ih = by_inputs.transpose(0, 1).matmul(&self.input.reshape([time * batch, inputs]));
        let before = self.hiddens.slice(0, 0..time).reshape([time * batch, hidden]);
        let by_gates = d_gates.transpose(0, 1);
        let weight_hh = Tensor::build(&[3 * hidden, hidden], |out| {
            let (first, second) = out.split_at_mut(2 * hidden * hidden);
            for (gates, out) in [(0..2 * hidden, first), (3 * hidden..4 * hidden, second)] {
                let a = by_gates.slice(0, gates.clone());
                let out = MatrixMut::row_major(out, hidden);
                let sizes = (gates.len(), time * batch, hidden);
                gemm(sizes, a.matrix(), before.matrix(), out, Accumulate::Replace);
            }
        });
        let (bias_ih, mut bias_hh) = (bias.slice(0, 0..3 * hidden).copy(), bias.slice(0, 0..3 * hidden).copy());
        bias_hh.as_mut_slice()[2 * hidden..].copy_from_slice(&bias.row_major()[3 * hidden..]);
        GruGradients { input, weight_ih, weight_hh, bias_ih, bias_hh, hidden: d_hidden }
    }
}
