//! Activation checkpointing: computing twice instead of keeping.

use std::collections::HashSet;
use std::sync::Arc;

use gradus_tensor::random::{self, RandomState};
use gradus_tensor::{Float, Tensor};

use crate::backward::{gradients_up_to, recorded_gradients_and_leaves};
use crate::graph::{Context, Gradients, Node, Origin, Rule, next_sequence};
use crate::leaf::Leaf;
use crate::mode::{enable_grad, is_grad_enabled};
use crate::var::Var;

/// `f(inputs)`, whose inner results are freed and computed again in the backward pass (PyTorch's
/// `torch.utils.checkpoint`; Chen et al., arXiv:1604.06174): memory for one more forward pass of `f`.
///
/// Both passes draw the same random numbers, so that dropout drops the same elements, and numbers drawn after that are
/// what they would have been. Parameters and variables that `f` reads get their gradients as ever. `f` must compute the
/// same both times: a layer that counts its calls, such as batch normalisation with running statistics, counts both.
///
/// ```
/// use gradus_autograd::{Param, Var, checkpoint};
/// use gradus_tensor::Tensor;
///
/// let weight = Param::new(Tensor::scalar(2.0f32));
/// let inner = weight.clone();
/// let x = Var::new(Tensor::scalar(3.0)).requires_grad_();
/// let y = checkpoint(move |x| (&x[0] * &inner.var()).exp(), &[&x]);
/// y.backward()?;
/// assert!((weight.grad().unwrap().item() - 3.0 * 6f32.exp()).abs() < 1e-2);
/// # Ok::<(), gradus_autograd::AutogradError>(())
/// ```
pub fn checkpoint<T: Float>(f: impl Fn(&[Var<T>]) -> Var<T> + Send + Sync + 'static, inputs: &[&Var<T>]) -> Var<T> {
    let given: Vec<Var<T>> = inputs.iter().map(|&input| input.clone()).collect();
    if !is_grad_enabled() {
        return f(&given);
    }
    let (before, start) = (random::state(), next_sequence());
    let own = leaves_like(&given);
    let out = f(&own);
    if !out.requires_grad() {
        return out;
    }
    let inner = captured(&out, &own, start);
    let (value, inputs) = (out.into_value(), given.iter().chain(&inner).collect::<Vec<_>>());
    Var::from_operation(
        value,
        &inputs,
        Checkpoint { f: Box::new(f), inputs: given.clone(), inner: inner.clone(), before },
    )
}

/// The same values as leaves of a graph of their own; what required no gradient stays a constant.
fn leaves_like<T: Float>(inputs: &[Var<T>]) -> Vec<Var<T>> {
    let leaf = |input: &Var<T>| {
        let own = input.detach();
        if input.requires_grad() { own.requires_grad_() } else { own }
    };
    inputs.iter().map(leaf).collect()
}

/// What `out` was computed from beside `own`: leaves, and results of operations before number `start`. As variables
/// without a value worth reading.
fn captured<T: Float>(out: &Var<T>, own: &[Var<T>], start: u64) -> Vec<Var<T>> {
    let is_own = |leaf: &Arc<Leaf<T>>| {
        own.iter().any(|input| matches!(input.origin(), Some(Origin::Leaf(other)) if Arc::ptr_eq(leaf, other)))
    };
    let mut leaves: Vec<Arc<Leaf<T>>> = Vec::new();
    let mut older: Vec<Arc<Node<T>>> = Vec::new();
    let (mut open, mut seen) = (Vec::from_iter(out.origin().cloned()), HashSet::new());
    while let Some(origin) = open.pop() {
        match origin {
            Origin::Leaf(leaf) => {
                if !is_own(&leaf) && !leaves.iter().any(|other| Arc::ptr_eq(&leaf, other)) {
                    leaves.push(leaf);
                }
            }
            Origin::Node(node) => {
                if !seen.insert(node.sequence) {
                    continue;
                }
                if node.sequence < start {
                    older.push(node);
                } else {
                    node.with_record(|record| open.extend(record.inputs.iter().flatten().cloned()));
                }
            }
        }
    }
    let origins = leaves.into_iter().map(Origin::Leaf).chain(older.into_iter().map(Origin::Node));
    origins.map(|origin| Var::with_origin(Tensor::zeros([0]), origin)).collect()
}

type Computation<T> = dyn Fn(&[Var<T>]) -> Var<T> + Send + Sync;

/// The gradients of `f` computed once more.
struct Checkpoint<T: Float> {
    f: Box<Computation<T>>,
    inputs: Vec<Var<T>>,
    /// What `f` reads beside its inputs: parameters, and variables that it has captured.
    inner: Vec<Var<T>>,
    /// The random state that `f` began with.
    before: RandomState,
}

impl<T: Float> Rule<T> for Checkpoint<T> {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let compute_again = |inputs: &[Var<T>]| {
            let after = random::state();
            random::set_state(self.before.clone());
            let out = enable_grad(|| (self.f)(inputs));
            random::set_state(after);
            out
        };
        let g = context.gradient();
        if is_grad_enabled() {
            // Recorded, the gradients depend on the inputs themselves.
            return recorded_gradients_and_leaves(&Vec::from_iter(&self.inputs), &self.inner, g, compute_again);
        }
        let own = leaves_like(&self.inputs);
        let all: Vec<&Var<T>> = own.iter().chain(&self.inner).collect();
        let needed: Vec<&Var<T>> = all.iter().copied().filter(|input| input.requires_grad()).collect();
        let mut gradients = gradients_up_to(&compute_again(&own), &needed, g).into_iter();
        all.iter().map(|input| if input.requires_grad() { gradients.next().flatten() } else { None }).collect()
    }
}
