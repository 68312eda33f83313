//! A gated recurrent unit over whole sequences.

use gradus_tensor::{Float, GruGradients, GruStates, Tensor};

use crate::ops::sequence::recurrent::{
    Inputs, Recurrence, RecurrentGradients, RecurrentWeights, Steps, gate, outputs_of,
};
use crate::var::Var;

/// What [`Var::gru`] gives.
#[derive(Clone, Debug)]
pub struct GruOutput<T: Float = f32> {
    /// The hidden state after each step, `[B, T, H]`.
    pub output: Var<T>,
    /// The last hidden state, `[B, H]`.
    pub h_n: Var<T>,
}

impl<T: Float> Var<T> {
    /// The hidden states of a GRU over this sequence `[B, T, I]` (PyTorch's `nn.GRU`: one layer, one direction, batch
    /// first). For each step, with `u = W_ih x + b_ih` and `v = W_hh h + b_hh`, each cut into three parts of H:
    /// `r = sigmoid(u_0 + v_0)`, `z = sigmoid(u_1 + v_1)`, `n = tanh(u_2 + r v_2)`, `h' = (1 - z) n + z h`. `state` is
    /// the first `h`, `[B, H]`; zeros where it is not given.
    ///
    /// Each of the two outputs has a gradient of its own: a loss that uses both goes back through the steps once for
    /// each.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn gru(&self, weights: &RecurrentWeights<T>, state: Option<&Self>) -> GruOutput<T> {
        let bias = weights.bias.as_ref().map(|(ih, hh)| (ih.value(), hh.value()));
        let matrices = (weights.weight_ih.value(), weights.weight_hh.value());
        let states = self.value().gru(matrices, bias, state.map(Self::value));
        let (output, h_n) = (states.output.clone(), states.hiddens.select(0, self.shape()[1]));
        let state: Vec<&Self> = state.into_iter().collect();
        let [output, h_n] = outputs_of(states, Inputs::new(self, weights, &state), [output, h_n]);
        GruOutput { output, h_n }
    }
}

impl<T: Float> Recurrence<T> for GruStates<T> {
    fn name(&self) -> &'static str {
        "gru"
    }

    fn gradients(
        &self,
        matrices: (&Tensor<T>, &Tensor<T>),
        outputs: &[Option<&Tensor<T>>],
        input_needed: bool,
    ) -> RecurrentGradients<T> {
        let GruGradients { input, weight_ih, weight_hh, bias_ih, bias_hh, hidden } =
            self.gradients(matrices, outputs[0], outputs[1], input_needed);
        let (matrices, biases) = ([weight_ih, weight_hh], [bias_ih, bias_hh]);
        RecurrentGradients { input, matrices, biases, states: vec![hidden] }
    }

    fn composed(&self, steps: &Steps<'_, T>) -> Vec<Var<T>> {
        let of_inputs = steps.x.linear(steps.weight_ih, steps.biases.first());
        let mut h = steps.first(0);
        let mut outputs = Vec::with_capacity(steps.time());
        for t in 0..steps.time() {
            let (u, v) = (steps.at(&of_inputs, t), h.linear(steps.weight_hh, steps.biases.get(1)));
            let [reset, update] = [0, 1].map(|i| (gate(&u, i, 3) + gate(&v, i, 3)).sigmoid());
            let new = (gate(&u, 2, 3) + reset * gate(&v, 2, 3)).tanh();
            h = &new + &(update * (&h - &new));
            outputs.push(h.clone());
        }
        vec![Var::stack(&outputs, 1), h]
    }
}
