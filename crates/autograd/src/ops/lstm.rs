//! A long short-term memory over whole sequences.

use std::sync::Arc;

use gradus_tensor::{Float, LstmStates, Tensor};

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

/// The parameters of [`Var::lstm`].
#[derive(Clone, Debug)]
pub struct LstmWeights<T: Float = f32> {
    /// `[4 H, I]`.
    pub weight_ih: Var<T>,
    /// `[4 H, H]`.
    pub weight_hh: Var<T>,
    /// `bias_ih` and `bias_hh`, both `[4 H]`; they are added.
    pub bias: Option<(Var<T>, Var<T>)>,
}

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
    /// The hidden states of an LSTM over this sequence `[B, T, I]` (PyTorch's `nn.LSTM`: one layer, one direction, batch
    /// first). For each step, with `z = W_ih x + b_ih + W_hh h + b_hh` cut into four parts of H: `i = sigmoid(z_0)`,
    /// `f = sigmoid(z_1)`, `g = tanh(z_2)`, `o = sigmoid(z_3)`, `c' = f c + i g`, `h' = o tanh(c')`. `state` holds the
    /// first `h` and `c`, each `[B, H]`; zeros where it is not given.
    ///
    /// Each of the three outputs has a gradient of its own: a loss that uses more than one of them goes back through the
    /// steps once for each.
    ///
    /// # Panics
    /// If the shapes do not fit, or there is no step.
    #[track_caller]
    pub fn lstm(&self, weights: &LstmWeights<T>, state: Option<(&Self, &Self)>) -> LstmOutput<T> {
        let bias = weights.bias.as_ref().map(|(ih, hh)| ih.value() + hh.value());
        let matrices = (weights.weight_ih.value(), weights.weight_hh.value());
        let states = self.value().lstm(matrices, bias.as_ref(), state.map(|(h, c)| (h.value(), c.value())));
        let time = self.shape()[1];
        let last = [&states.hiddens, &states.cells].map(|states| states.select(0, time));
        let output = states.output.clone();
        let mut inputs = vec![self.clone(), weights.weight_ih.clone(), weights.weight_hh.clone()];
        inputs.extend(weights.bias.iter().flat_map(|(ih, hh)| [ih.clone(), hh.clone()]));
        inputs.extend(state.iter().flat_map(|&(h, c)| [h.clone(), c.clone()]));
        let run = Arc::new(Run { inputs, with_bias: bias.is_some(), with_state: state.is_some(), states });
        let [h_n, c_n] = last;
        let node = |value: Tensor<T>, part: Part| {
            let inputs: Vec<&Self> = run.inputs.iter().collect();
            Self::from_operation(value, &inputs, Lstm { run: run.clone(), part })
        };
        LstmOutput { output: node(output, Part::Output), h_n: node(h_n, Part::Hidden), c_n: node(c_n, Part::Cell) }
    }
}

/// One pass over a sequence, which the three outputs share.
struct Run<T: Float> {
    /// The sequence and the two matrices, then the two biases and the first states, where there are any.
    inputs: Vec<Var<T>>,
    with_bias: bool,
    with_state: bool,
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
            let inputs: Vec<&Var<T>> = run.inputs.iter().collect();
            return recorded_gradients(&inputs, g, |inputs| run.composed(inputs, self.part));
        }
        let when = |part: Part| (self.part == part).then(|| g.value());
        let matrices = (run.inputs[1].value(), run.inputs[2].value());
        let last = [when(Part::Hidden), when(Part::Cell)];
        let gradients = run.states.gradients(matrices, when(Part::Output), last, context.needs(0));
        let mut all = vec![gradients.input, Some(gradients.weight_ih), Some(gradients.weight_hh)];
        if run.with_bias {
            all.extend([Some(gradients.bias.clone()), Some(gradients.bias)]);
        }
        if run.with_state {
            all.extend([Some(gradients.hidden), Some(gradients.cell)]);
        }
        all.into_iter().map(|gradient| gradient.map(Var::new)).collect()
    }
}

impl<T: Float> Run<T> {
    /// The same step by step, from operations whose gradients can be differentiated.
    fn composed(&self, inputs: &[Var<T>], part: Part) -> Var<T> {
        let [x, weight_ih, weight_hh, rest @ ..] = inputs else { unreachable!("there are three inputs at least") };
        let (biases, state) = rest.split_at(if self.with_bias { 2 } else { 0 });
        let (batch, time, hidden) = (x.shape()[0], x.shape()[1], weight_hh.shape()[1]);
        let one_hot = |shape: [usize; 3], i: usize| {
            Var::new(Tensor::from_fn(shape, |j| if i == j { T::one() } else { T::zero() }))
        };
        let bias = (self.with_bias).then(|| &biases[0] + &biases[1]);
        let of_inputs = x.linear(weight_ih, bias.as_ref());
        let zeros = Var::new(Tensor::zeros([batch, hidden]));
        let (mut h, mut c) =
            if self.with_state { (state[0].clone(), state[1].clone()) } else { (zeros.clone(), zeros) };
        let mut output = Var::new(Tensor::zeros([batch, time, hidden]));
        for t in 0..time {
            let now = one_hot([1, time, 1], t);
            let z = (&of_inputs * &now).sum_dims(&[1], false) + h.linear(weight_hh, None);
            let z = z.reshape([batch, 4, hidden]);
            let gate = |i: usize| (&z * &one_hot([1, 4, 1], i)).sum_dims(&[1], false);
            let (input, forget, output_gate) = (gate(0).sigmoid(), gate(1).sigmoid(), gate(3).sigmoid());
            c = forget * &c + input * gate(2).tanh();
            h = output_gate * c.tanh();
            if part == Part::Output {
                output = output + h.reshape([batch, 1, hidden]) * now;
            }
        }
        match part {
            Part::Output => output,
            Part::Hidden => h,
            Part::Cell => c,
        }
    }
}
