//! A long short-term memory over whole sequences.

use gradus_tensor::{Float, LstmGradients, LstmStates, Tensor};

use crate::ops::sequence::recurrent::{
    Inputs, Recurrence, RecurrentGradients, RecurrentWeights, Steps, gate, outputs_of,
};
use crate::var::Var;

/// What [`Var::lstm`] gives.
#[derive(Clone, Debug)]
pub struct LstmOutput<T: Float = f32> {
    /// The hidden state after each step, `[B, T, H]`.
    pub output: Var<T>,
    /// The last hidden state, `[B, H]`.
    pub h_n: Var<T>,
    /// The last cells, `[B, H]`.
    pub c_n: Var<T>,
}

impl<T: Float> Var<T> {
    /// The hidden states of an LSTM over this sequence `[B, T, I]` (PyTorch's `nn.LSTM`: one layer, one direction,
    /// batch first). For each step, with `z = W_ih x + b_ih + W_hh h + b_hh` cut into four parts of H:
    /// `i = sigmoid(z_0)`, `f = sigmoid(z_1)`, `g = tanh(z_2)`, `o = sigmoid(z_3)`, `c' = f c + i g`,
    /// `h' = o tanh(c')`. `state` holds the first `h` and `c`, each `[B, H]`; zeros where it is not given.
    ///
    /// Each of the three outputs has a gradient of its own: a loss that uses more than one of them goes back through
    /// the steps once for each.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn lstm(&self, weights: &RecurrentWeights<T>, state: Option<(&Self, &Self)>) -> LstmOutput<T> {
        let bias = weights.bias.as_ref().map(|(ih, hh)| (ih.value(), hh.value()));
        if let Some((ih, hh)) = bias {
            assert!(ih.shape() == hh.shape(), "lstm: biases {:?} and {:?} must both be [4 H]", ih.shape(), hh.shape());
        }
        let bias = bias.map(|(ih, hh)| ih + hh);
        let matrices = (weights.weight_ih.value(), weights.weight_hh.value());
        let states = self.value().lstm(matrices, bias.as_ref(), state.map(|(h, c)| (h.value(), c.value())));
        let time = self.shape()[1];
        let last = [&states.hiddens, &states.cells].map(|states| states.select(0, time));
        let output = states.output.clone();
        let state: Vec<&Self> = state.iter().flat_map(|&(h, c)| [h, c]).collect();
        let [h_n, c_n] = last;
        let [output, h_n, c_n] = outputs_of(states, Inputs::new(self, weights, &state), [output, h_n, c_n]);
        LstmOutput { output, h_n, c_n }
    }
}

impl<T: Float> Recurrence<T> for LstmStates<T> {
    fn name(&self) -> &'static str {
        "lstm"
    }

    fn gradients(
        &self,
        matrices: (&Tensor<T>, &Tensor<T>),
        outputs: &[Option<&Tensor<T>>],
        input_needed: bool,
    ) -> RecurrentGradients<T> {
        let LstmGradients { input, weight_ih, weight_hh, bias, hidden, cell } =
            self.gradients(matrices, outputs[0], [outputs[1], outputs[2]], input_needed);
        let (matrices, biases) = ([weight_ih, weight_hh], [bias.clone(), bias]);
        RecurrentGradients { input, matrices, biases, states: vec![hidden, cell] }
    }

    fn composed(&self, steps: &Steps<'_, T>) -> Vec<Var<T>> {
        let of_inputs = steps.x.linear(steps.weight_ih, steps.one_bias().as_ref());
        let (mut h, mut c) = (steps.first(0), steps.first(1));
        let mut outputs = Vec::with_capacity(steps.time());
        for t in 0..steps.time() {
            let z = steps.at(&of_inputs, t) + h.linear(steps.weight_hh, None);
            let [input, forget, output_gate] = [0, 1, 3].map(|i| gate(&z, i, 4).sigmoid());
            c = forget * &c + input * gate(&z, 2, 4).tanh();
            h = output_gate * c.tanh();
            outputs.push(h.clone());
        }
        vec![Var::stack(&outputs, 1), h, c]
    }
}
