//! A plain recurrent network over whole sequences.

use std::sync::Arc;

use gradus_tensor::{Float, RnnNonlinearity, RnnStates, Tensor};

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::ops::sequence::recurrent::{Inputs, RecurrentWeights};
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
        let run = Arc::new(Run { inputs: Inputs::new(self, weights, &state), states, nonlinearity });
        let node =
            |value: Tensor<T>, part: Part| Self::recorded(value, &run.inputs.all(), || Rnn { run: run.clone(), part });
        RnnOutput { output: node(output, Part::Output), h_n: node(h_n, Part::Hidden) }
    }
}

/// One pass over a sequence, which the two outputs share.
struct Run<T: Float> {
    inputs: Inputs<T>,
    states: RnnStates<T>,
    nonlinearity: RnnNonlinearity,
}

/// An output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Output,
    Hidden,
}

/// The chain rule from the last step to the first; the matrices' gradients are products over all steps and rows.
struct Rnn<T: Float> {
    run: Arc<Run<T>>,
    part: Part,
}

impl<T: Float> Rule<T> for Rnn<T> {
    fn name(&self) -> &'static str {
        "rnn"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let run = &*self.run;
        if is_grad_enabled() {
            return recorded_gradients(&run.inputs.all(), g, |inputs| run.composed(inputs, self.part));
        }
        let when = |part: Part| (self.part == part).then(|| g.value());
        let (output, last) = (when(Part::Output), when(Part::Hidden));
        let gradients = run.states.gradients(run.inputs.matrices(), output, last, context.needs(0));
        let mut all = vec![gradients.input, Some(gradients.weight_ih), Some(gradients.weight_hh)];
        if run.inputs.with_bias {
            all.extend([Some(gradients.bias.clone()), Some(gradients.bias)]);
        }
        if run.inputs.with_state {
            all.push(Some(gradients.hidden));
        }
        all.into_iter().map(|gradient| gradient.map(Var::new)).collect()
    }
}

impl<T: Float> Run<T> {
    /// The same step by step, from operations whose gradients can be differentiated.
    fn composed(&self, inputs: &[Var<T>], part: Part) -> Var<T> {
        let steps = self.inputs.named(inputs);
        let bias = (!steps.biases.is_empty()).then(|| &steps.biases[0] + &steps.biases[1]);
        let of_inputs = steps.x.linear(steps.weight_ih, bias.as_ref());
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
        match part {
            Part::Output => Var::stack(&outputs, 1),
            Part::Hidden => h,
        }
    }
}
