//! The graph: what computed a variable, from what, and how gradients flow back through it.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gradus_tensor::{Dims, Float, Tensor};
use smallvec::SmallVec;

use crate::anomaly;
use crate::hooks::GradientHooks;
use crate::leaf::Leaf;
use crate::mode::is_grad_enabled;
use crate::profile;
use crate::trace;
use crate::var::Var;

/// One gradient for each input of an operation, in order; `None` where the input has none.
pub type Gradients<T> = SmallVec<[Option<Var<T>>; 3]>;

/// The gradient of one operation, with whatever its forward pass saved for it.
///
/// Written with [`Var`] operations, so that under `create_graph` it is recorded itself and second derivatives follow. A
/// fused operation has two gradients: one pass over plain tensors where [`is_grad_enabled`] says that nothing is
/// recorded, and else one composed of `Var` operations, for which this crate has `recorded_gradients` in `backward.rs`.
pub trait Rule<T: Float>: Send + Sync + 'static {
    /// The forward operation's name, for messages.
    fn name(&self) -> &'static str;

    /// Whether [`Context::output`] is needed. The graph keeps the output then, since a rule that kept it itself would
    /// keep its own node alive for ever.
    fn saves_output(&self) -> bool {
        false
    }

    /// Whether [`Context::take_sum`] is asked.
    fn adds_in_place(&self) -> bool {
        false
    }

    /// The gradients of the inputs from `context.gradient()`, that of the output. Each has its input's shape.
    fn backward(&self, context: &Context<'_, T>) -> Gradients<T>;
}

/// What a [`Rule`] works with.
pub struct Context<'a, T: Float> {
    gradient: &'a Var<T>,
    output: Option<Var<T>>,
    inputs: &'a [Option<Origin<T>>],
    sums: &'a Sums<T>,
}

/// For each input of an operation, where it is a leaf: what newer operations have given it.
pub(crate) type Sums<T> = SmallVec<[Cell<Option<Tensor<T>>>; 3]>;

impl<T: Float> Context<'_, T> {
    /// The gradient of the operation's output.
    pub fn gradient(&self) -> &Var<T> {
        self.gradient
    }

    /// The operation's output.
    ///
    /// # Panics
    /// If the rule does not say that it [`saves_output`](Rule::saves_output).
    pub fn output(&self) -> &Var<T> {
        self.output.as_ref().expect("a rule that reads its output says so in saves_output")
    }

    /// The number of the operation's inputs.
    pub fn inputs(&self) -> usize {
        self.inputs.len()
    }

    /// Whether input `index` takes part in anything that requires a gradient; work for the others is wasted.
    pub fn needs(&self, index: usize) -> bool {
        self.inputs[index].is_some()
    }

    /// What newer operations of this pass have given input `index`, if it is a leaf and nothing is recorded: a rule
    /// that takes it answers with the sum of it and its own gradient, which costs less than a gradient that is added
    /// later.
    ///
    /// Only for rules that say so in [`adds_in_place`](Rule::adds_in_place).
    pub fn take_sum(&self, index: usize) -> Option<Tensor<T>> {
        self.sums.get(index)?.take()
    }

    /// `f()` where input `index` needs a gradient.
    pub fn when_needed(&self, index: usize, f: impl FnOnce() -> Var<T>) -> Option<Var<T>> {
        self.needs(index).then(f)
    }
}

/// Where a variable that requires a gradient comes from.
pub(crate) enum Origin<T: Float> {
    Leaf(Arc<Leaf<T>>),
    Node(Arc<Node<T>>),
}

impl<T: Float> Clone for Origin<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Leaf(leaf) => Self::Leaf(leaf.clone()),
            Self::Node(node) => Self::Node(node.clone()),
        }
    }
}

/// One recorded operation.
pub(crate) struct Node<T: Float> {
    /// Counts up as nodes are made, so that a node's number is above those of all it was computed from.
    pub(crate) sequence: u64,
    pub(crate) name: &'static str,
    pub(crate) shape: Dims,
    /// `None` once `backward` has used it up.
    record: Mutex<Option<Record<T>>>,
    pub(crate) hooks: GradientHooks<T>,
}

/// What a node holds until `backward` has used it.
pub(crate) struct Record<T: Float> {
    rule: Box<dyn Rule<T>>,
    /// Boxed, since few rules save it and every record is moved.
    output: Option<Box<Tensor<T>>>,
    pub(crate) inputs: Inputs<T>,
}

type Inputs<T> = SmallVec<[Option<Origin<T>>; 3]>;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A number above those of all nodes so far.
pub(crate) fn next_sequence() -> u64 {
    NEXT.load(Ordering::Relaxed)
}

impl<T: Float> Node<T> {
    /// Runs `f` on what this node recorded; `None` where `backward` has used it up.
    pub(crate) fn with_record<R>(&self, f: impl FnOnce(&Record<T>) -> R) -> Option<R> {
        self.lock().as_ref().map(f)
    }

    /// Takes out what this node recorded, so that it is freed with its last user.
    pub(crate) fn take_record(&self) -> Option<Record<T>> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Record<T>>> {
        // A rule that panics has changed nothing here.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Float> Record<T> {
    /// The gradients of the inputs from `gradient`, that of `node`'s output; the rule may take `sums` into them.
    pub(crate) fn backward(&self, node: &Arc<Node<T>>, gradient: &Var<T>, sums: &Sums<T>) -> Gradients<T> {
        let output = self.output.as_deref().map(|value| Var::with_origin(value.clone(), Origin::Node(node.clone())));
        let context = Context { gradient, output, inputs: &self.inputs, sums };
        let gradients = anomaly::differentiate(node, gradient, || self.rule.backward(&context));
        #[cfg(test)]
        let gradients = crate::conformance::sabotage::apply(node.name, gradients);
        assert!(
            gradients.len() == self.inputs.len(),
            "backward of {}: {} gradients for {} inputs",
            node.name,
            gradients.len(),
            self.inputs.len()
        );
        gradients
    }

    /// Whether the rule may add its gradients to sums.
    pub(crate) fn adds_in_place(&self) -> bool {
        self.rule.adds_in_place()
    }
}

/// Dropping the last user of a long chain would recurse once for each operation and overflow the stack; the chain is
/// taken apart in a loop instead. What a rule saved are inputs of its node, so they go before the edges that hold them.
impl<T: Float> Drop for Node<T> {
    fn drop(&mut self) {
        let mut edges = Inputs::new();
        let take_apart = |node: &mut Self, edges: &mut Inputs<T>| {
            if let Some(record) = node.record.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
                drop((record.rule, record.output));
                edges.extend(record.inputs);
            }
        };
        take_apart(self, &mut edges);
        while let Some(edge) = edges.pop() {
            if let Some(Origin::Node(node)) = edge
                && let Some(mut node) = Arc::into_inner(node)
            {
                take_apart(&mut node, &mut edges);
            }
        }
    }
}

impl<T: Float> Var<T> {
    /// The result of an operation: `value`, computed from `inputs`, whose gradients follow `rule`.
    ///
    /// This is how every operation of this crate is made, and how users make their own. Where nothing requires a
    /// gradient, or under `no_grad`, the rule is dropped and the result is a constant.
    ///
    /// ```
    /// use gradus_autograd::{Context, Gradients, Rule, Var};
    /// use gradus_tensor::Tensor;
    ///
    /// /// `x^3`, with gradient `3 x^2`.
    /// fn cube(x: &Var) -> Var {
    ///     struct Cube(Var);
    ///     impl Rule<f32> for Cube {
    ///         fn name(&self) -> &'static str {
    ///             "cube"
    ///         }
    ///         fn backward(&self, context: &Context<'_, f32>) -> Gradients<f32> {
    ///             [Some(context.gradient() * &(&self.0 * &self.0 * 3.0))].into_iter().collect()
    ///         }
    ///     }
    ///     Var::from_operation(x.value().map(|x| x * x * x), &[x], Cube(x.clone()))
    /// }
    ///
    /// let x = Var::new(Tensor::scalar(2.0)).requires_grad_();
    /// cube(&x).backward()?;
    /// assert_eq!(x.grad().unwrap().item(), 12.0);
    /// # Ok::<(), gradus_autograd::AutogradError>(())
    /// ```
    pub fn from_operation(value: Tensor<T>, inputs: &[&Var<T>], rule: impl Rule<T>) -> Self {
        Self::recorded(value, inputs, || rule)
    }

    /// [`from_operation`](Self::from_operation) with a rule that is made only where it is kept: what it saves are
    /// clones, and those of small tensors cost as much as the operation.
    pub(crate) fn recorded<R: Rule<T>>(value: Tensor<T>, inputs: &[&Var<T>], rule: impl FnOnce() -> R) -> Self {
        if !is_grad_enabled() || !inputs.iter().any(|input| input.requires_grad()) {
            let out = Self::new(value);
            if profile::is_running() || anomaly::is_running() || trace::is_running() {
                let name = rule().name();
                profile::computed(name);
                trace::computed(name, inputs, out.value());
                anomaly::computed(name, inputs, &out);
            }
            return out;
        }
        let rule = rule();
        let name = rule.name();
        profile::computed(name);
        trace::computed(name, inputs, &value);
        let mut origins = Inputs::with_capacity(inputs.len());
        // One by one: `collect` costs as much as an operation on few numbers.
        for input in inputs {
            origins.push(input.origin().filter(|_| input.requires_grad()).cloned());
        }
        let node = Node {
            sequence: NEXT.fetch_add(1, Ordering::Relaxed),
            name,
            shape: value.dims(),
            record: Mutex::new(Some(Record {
                output: rule.saves_output().then(|| Box::new(value.clone())),
                inputs: origins,
                rule: Box::new(rule),
            })),
            hooks: GradientHooks::new(),
        };
        let out = Self::with_origin(value, Origin::Node(Arc::new(node)));
        anomaly::computed(name, inputs, &out);
        out
    }
}
