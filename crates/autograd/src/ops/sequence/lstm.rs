//! A long short-term memory over whole sequences.

use std::sync::Arc;

use gradus_tensor::{Float, LstmStates, Tensor};

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::ops::sequence::recurrent::{Inputs, RecurrentWeights, gate};
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
        let run = Arc::new(Run { inputs: Inputs::new(self, weights, &state), states });
        let [h_n, c_n] = last;
        let node =
            |value: Tensor<T>, part: Part| Self::recorded(value, &run.inputs.all(), || Lstm { run: run.clone(), part });
        LstmOutput { output: node(output, Part::Output), h_n: node(h_n, Part::Hidden), c_n: node(c_n, Part::Cell) }
    }
}

/// One pass over a sequence, which the three outputs share.
struct Run<T: Float> {
    inputs: Inputs<T>,
    states: LstmStates<T>,
}

/// An output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Output,
    Hidden,
    Cell,
}

/// The chain rule from the last step to the first; the matrices' gradients are products over all steps and rows.
struct Lstm<T: Float> {
    run: Arc<Run<T>>,
    part: Part,
}

impl<T: Float> Rule<T> for Lstm<T> {
    fn name(&self) -> &'static str {
        "lstm"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let run = &*self.run;
        if is_grad_enabled() {
            return recorded_gradients(&run.inputs.all(), g, |inputs| run.composed(inputs, self.part));
        }
        let when = |part: Part| (self.part == part).then(|| g.value());
        let last = [when(Part::Hidden), when(Part::Cell)];
        let gradients = run.states.gradients(run.inputs.matrices(), when(Part::Output), last, context.needs(0));
        let mut all = vec![gradients.input, Some(gradients.weight_ih), Some(gradients.weight_hh)];
        if run.inputs.with_bias {
            all.extend([Some(gradients.bias.clone()), Some(gradients.bias)]);
        }
        if run.inputs.with_state {
            all.extend([Some(gradients.hidden), Some(gradients.cell)]);
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
        let (mut h, mut c) = (steps.first(0), steps.first(1));
        let mut outputs = Vec::with_capacity(steps.time());
        for t in 0..steps.time() {
            let z = steps.at(&of_inputs, t) + h.linear(steps.weight_hh, None);
            let [input, forget, output_gate] = [0, 1, 3].map(|i| gate(&z, i, 4).sigmoid());
            c = forget * &c + input * gate(&z, 2, 4).tanh();
            h = output_gate * c.tanh();
            outputs.push(h.clone());
        }
        match part {
            Part::Output => Var::stack(&outputs, 1),
            Part::Hidden => h,
            Part::Cell => c,
        }
    }
}
