//! A plain recurrent network over whole sequences.

use gradus_tensor::{Float, RnnGradients, RnnNonlinearity, RnnStates, Tensor};

use crate::ops::sequence::recurrent::{Inputs, Recurrence, RecurrentGradients, RecurrentWeights, Steps, outputs_of};
use crate::var::Var;

/// What [`Var::rnn`] gives.
#[derive(Clone, Debug)]
pub struct RnnOutput<T: Float = f32> {
    /// The hidden state after each step, `[B, T, H]`.
    pub output: Var<T>,
    /// The last hidden state, `[B, H]`.
    pub h_n: Var<T>,
}

impl<T: Float> Var<T> {
    /// The hidden states `h' = f(W_ih x + b_ih + W_hh h + b_hh)` over this sequence `[B, T, I]`, with f the
    /// nonlinearity (PyTorch's `nn.RNN`: one layer, one direction, batch first). `state` is the first `h`, `[B, H]`;
    /// zeros where it is not given.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn rnn(
        &self,
        weights: &RecurrentWeights<T>,
        state: Option<&Self>,
        nonlinearity: RnnNonlinearity,
    ) -> RnnOutput<T> {
        let bias = weights.bias.as_ref().map(|(ih, hh)| (ih.value(), hh.value()));
        if let Some((ih, hh)) = bias {
            assert!(ih.shape() == hh.shape(), "rnn: biases {:?} and {:?} must both be [H]", ih.shape(), hh.shape());
        }
        let bias = bias.map(|(ih, hh)| ih + hh);
        let matrices = (weights.weight_ih.value(), weights.weight_hh.value());
        let states = self.value().rnn(matrices, bias.as_ref(), state.map(Self::value), nonlinearity);
        let (output, h_n) = (states.output(), states.last());
        let state: Vec<&Self> = state.into_iter().collect();
        let pass = Pass { states, nonlinearity };
        let [output, h_n] = outputs_of(pass, Inputs::new(self, weights, &state), [output, h_n]);
        RnnOutput { output, h_n }
    }
}

struct Pass<T: Float> {
    states: RnnStates<T>,
    nonlinearity: RnnNonlinearity,
}

impl<T: Float> Recurrence<T> for Pass<T> {
    fn name(&self) -> &'static str {
        "rnn"
    }

    fn gradients(
        &self,
        matrices: (&Tensor<T>, &Tensor<T>),
        outputs: &[Option<&Tensor<T>>],
        input_needed: bool,
    ) -> RecurrentGradients<T> {
        let RnnGradients { input, weight_ih, weight_hh, bias, hidden } =
            self.states.gradients(matrices, outputs[0], outputs[1], input_needed);
        let (matrices, biases) = ([weight_ih, weight_hh], [bias.clone(), bias]);
        RecurrentGradients { input, matrices, biases, states: vec![hidden] }
    }

    fn composed(&self, steps: &Steps<'_, T>) -> Vec<Var<T>> {
        let of_inputs = steps.x.linear(steps.weight_ih, steps.one_bias().as_ref());
        let mut h = steps.first(0);
        let mut outputs = Vec::with_capacity(steps.time());
        for t in 0..steps.time() {
            let z = steps.at(&of_inputs, t) + h.linear(steps.weight_hh, None);
            h = match self.nonlinearity {
                RnnNonlinearity::Tanh => z.tanh(),
                RnnNonlinearity::Relu => z.relu(),
            };
            outputs.push(h.clone());
        }
        vec![Var::stack(&outputs, 1), h]
    }
}
