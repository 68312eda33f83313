//! What recurrent operations have in common: their parameters, their inputs, the nodes of their outputs, and steps
//! composed of smaller operations.

use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use crate::backward::recorded_gradients;
use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::var::Var;

/// The parameters of [`Var::lstm`] (four gates) and [`Var::gru`] (three), for G gates.
#[derive(Clone, Debug)]
pub struct RecurrentWeights<T: Float = f32> {
    /// `[G H, I]`.
    pub weight_ih: Var<T>,
    /// `[G H, H]`.
    pub weight_hh: Var<T>,
    /// `bias_ih` and `bias_hh`, both `[G H]`.
    pub bias: Option<(Var<T>, Var<T>)>,
}

/// One pass over a sequence: what it has kept, and the chain rule from the last step to the first.
pub(super) trait Recurrence<T: Float>: Send + Sync + 'static {
    /// The operation's name.
    fn name(&self) -> &'static str;

    /// The gradients of the operands from those of the outputs: the hidden states of all steps, then the last of each
    /// state. Gradients of matrices are products over all steps and rows.
    fn gradients(
        &self,
        matrices: (&Tensor<T>, &Tensor<T>),
        outputs: &[Option<&Tensor<T>>],
        input_needed: bool,
    ) -> RecurrentGradients<T>;

    /// The outputs step by step, from operations whose gradients can be differentiated.
    fn composed(&self, steps: &Steps<'_, T>) -> Vec<Var<T>>;
}

/// The gradients of a recurrent operation's operands.
pub(super) struct RecurrentGradients<T: Float> {
    /// Where it was asked for.
    pub(super) input: Option<Tensor<T>>,
    pub(super) matrices: [Tensor<T>; 2],
    pub(super) biases: [Tensor<T>; 2],
    /// Of the first states.
    pub(super) states: Vec<Tensor<T>>,
}

/// The outputs of a pass, each with a gradient of its own: a loss that uses several goes back through the steps once
/// for each.
pub(super) fn outputs_of<T: Float, const N: usize>(
    recurrence: impl Recurrence<T>,
    inputs: Inputs<T>,
    values: [Tensor<T>; N],
) -> [Var<T>; N] {
    let pass = Arc::new(Pass { recurrence, inputs, outputs: N });
    let mut number = 0;
    values.map(|value| {
        let output = Output { pass: pass.clone(), number };
        number += 1;
        Var::recorded(value, &pass.inputs.all(), || output)
    })
}

/// What the outputs share.
struct Pass<T: Float, R> {
    recurrence: R,
    inputs: Inputs<T>,
    outputs: usize,
}

/// The rule of one output.
struct Output<T: Float, R> {
    pass: Arc<Pass<T, R>>,
    number: usize,
}

impl<T: Float, R: Recurrence<T>> Rule<T> for Output<T, R> {
    fn name(&self) -> &'static str {
        self.pass.recurrence.name()
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let (g, Pass { recurrence, inputs, outputs }) = (context.gradient(), &*self.pass);
        if is_grad_enabled() {
            let compose = |given: &[Var<T>]| recurrence.composed(&inputs.named(given)).swap_remove(self.number);
            return recorded_gradients(&inputs.all(), g, compose);
        }
        let of_outputs: Vec<_> = (0..*outputs).map(|i| (i == self.number).then(|| g.value())).collect();
        let gradients = recurrence.gradients(inputs.matrices(), &of_outputs, context.needs(0));
        let [weight_ih, weight_hh] = gradients.matrices;
        let mut all = vec![gradients.input, Some(weight_ih), Some(weight_hh)];
        if inputs.with_bias {
            all.extend(gradients.biases.map(Some));
        }
        if inputs.with_state {
            all.extend(gradients.states.into_iter().map(Some));
        }
        all.into_iter().map(|gradient| gradient.map(Var::new)).collect()
    }
}

/// The inputs of a recurrent operation, in the order of its gradients.
pub(super) struct Inputs<T: Float> {
    /// The sequence and the two matrices, then the two biases and the first states, where there are any.
    all: Vec<Var<T>>,
    with_bias: bool,
    with_state: bool,
}

impl<T: Float> Inputs<T> {
    pub(super) fn new(x: &Var<T>, weights: &RecurrentWeights<T>, state: &[&Var<T>]) -> Self {
        let mut all = vec![x.clone(), weights.weight_ih.clone(), weights.weight_hh.clone()];
        all.extend(weights.bias.iter().flat_map(|(ih, hh)| [ih.clone(), hh.clone()]));
        all.extend(state.iter().map(|&state| state.clone()));
        Self { all, with_bias: weights.bias.is_some(), with_state: !state.is_empty() }
    }

    fn all(&self) -> Vec<&Var<T>> {
        self.all.iter().collect()
    }

    fn matrices(&self) -> (&Tensor<T>, &Tensor<T>) {
        (self.all[1].value(), self.all[2].value())
    }

    /// Variables in the place of these inputs, by what they are.
    fn named<'a>(&self, inputs: &'a [Var<T>]) -> Steps<'a, T> {
        let [x, weight_ih, weight_hh, rest @ ..] = inputs else { unreachable!("there are three inputs at least") };
        let (biases, state) = rest.split_at(if self.with_bias { 2 } else { 0 });
        Steps { x, weight_ih, weight_hh, biases, state }
    }
}

/// What steps are composed of when their gradients are to be differentiated.
pub(super) struct Steps<'a, T: Float> {
    pub(super) x: &'a Var<T>,
    pub(super) weight_ih: &'a Var<T>,
    pub(super) weight_hh: &'a Var<T>,
    /// None or two.
    pub(super) biases: &'a [Var<T>],
    /// None or all.
    state: &'a [Var<T>],
}

impl<T: Float> Steps<'_, T> {
    pub(super) fn time(&self) -> usize {
        self.x.shape()[1]
    }

    /// The first of state number `i`.
    pub(super) fn first(&self, i: usize) -> Var<T> {
        let zeros = || Var::new(Tensor::zeros([self.x.shape()[0], self.weight_hh.shape()[1]]));
        self.state.get(i).cloned().unwrap_or_else(zeros)
    }

    /// Both biases as one, for recurrences that only add them.
    pub(super) fn one_bias(&self) -> Option<Var<T>> {
        let [ih, hh] = self.biases else { return None };
        Some(ih + hh)
    }

    /// Step `t` `[B, W]` of a sequence `[B, T, W]`.
    pub(super) fn at(&self, sequence: &Var<T>, t: usize) -> Var<T> {
        sequence.select(1, t as isize)
    }
}

/// Part `i` of `[B, G H]` cut into G, `[B, H]`.
pub(super) fn gate<T: Float>(all: &Var<T>, i: usize, gates: usize) -> Var<T> {
    let width = all.shape()[1] / gates;
    all.narrow(1, i * width, width)
}
