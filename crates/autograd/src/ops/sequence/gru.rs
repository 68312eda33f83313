//! A gated recurrent unit over whole sequences.

use std::sync::Arc;

use gradus_tensor::{Float, GruStates, Tensor};

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::ops::sequence::recurrent::{Inputs, RecurrentWeights, gate};
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
        let run = Arc::new(Run { inputs: Inputs::new(self, weights, &state), states });
        let node =
            |value: Tensor<T>, part: Part| Self::recorded(value, &run.inputs.all(), || Gru { run: run.clone(), part });
        GruOutput { output: node(output, Part::Output), h_n: node(h_n, Part::Hidden) }
    }
}

/// One pass over a sequence, which the two outputs share.
struct Run<T: Float> {
    inputs: Inputs<T>,
    states: GruStates<T>,
}

/// An output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Output,
    Hidden,
}

/// The chain rule from the last step to the first; the matrices' gradients are products over all steps and rows.
struct Gru<T: Float> {
    run: Arc<Run<T>>,
    part: Part,
}

impl<T: Float> Rule<T> for Gru<T> {
    fn name(&self) -> &'static str {
        "gru"
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
            all.extend([Some(gradients.bias_ih), Some(gradients.bias_hh)]);
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
        match part {
            Part::Output => Var::stack(&outputs, 1),
            Part::Hidden => h,
        }
    }
}
