//! `backward` and `grad`: gradients of outputs through the graph, newest operation first.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use crate::anomaly;
use crate::error::AutogradError;
use crate::graph::{Gradients, Node, Origin, Record, Sums};
use crate::leaf::Leaf;
use crate::mode::{no_grad, with_mode};
use crate::profile::{self, Part};
use crate::var::Var;

/// How [`Var::backward_with`] and [`grad`] run.
#[derive(Clone, Debug, Default)]
pub struct BackwardOptions<T: Float = f32> {
    /// The gradient of the output; needed where the output is not one number. Under `create_graph` derivatives flow
    /// into it too.
    pub gradient: Option<Var<T>>,
    /// Keeps the graph for another pass. Default: as `create_graph`.
    pub retain_graph: Option<bool>,
    /// Records the backward pass itself, so that gradients can be differentiated again.
    pub create_graph: bool,
}

impl<T: Float> Var<T> {
    /// Computes the gradient of this number with respect to every leaf it was computed from, and **adds** it to the
    /// leaf's gradient. The graph is freed on the way.
    ///
    /// # Errors
    /// If this variable is not one number, requires no gradient, or its graph is used up. No gradient has changed then.
    pub fn backward(&self) -> Result<(), AutogradError> {
        self.backward_with(BackwardOptions::default())
    }

    /// [`backward`](Self::backward) with a given gradient, keeping or recording the graph.
    ///
    /// # Errors
    /// As [`backward`](Self::backward), and if the given gradient has another shape.
    pub fn backward_with(&self, options: BackwardOptions<T>) -> Result<(), AutogradError> {
        let create_graph = options.create_graph;
        let gathered = run(self, options, HashSet::new(), Beyond::Follow)?;
        with_mode(create_graph, || {
            for (leaf, gradient) in &gathered.leaves {
                leaf.accumulate(gradient.clone());
            }
        });
        no_grad(|| gathered.leaves.iter().for_each(|(leaf, _)| leaf.after.run()));
        profile::lap(Part::Backward, "accumulate");
        Ok(())
    }
}

/// The gradients of `output` with respect to `inputs`, returned instead of added to the leaves (PyTorch's
/// `autograd.grad`). `None` for an input that the output does not depend on.
///
/// # Errors
/// As [`Var::backward_with`], and if an input requires no gradient.
pub fn grad<T: Float>(
    output: &Var<T>,
    inputs: &[&Var<T>],
    options: BackwardOptions<T>,
) -> Result<Vec<Option<Var<T>>>, AutogradError> {
    if let Some(index) = inputs.iter().position(|input| !input.requires_grad()) {
        return Err(AutogradError::InputWithoutGrad { index });
    }
    let gathered = run(output, options, nodes_of(inputs), Beyond::Follow)?;
    Ok(inputs.iter().map(|input| gathered.of(input)).collect())
}

/// The gradients of what `compose` makes of `inputs`, with respect to each of them by itself, recorded.
///
/// How the rule of a fused operation answers under `create_graph`: it composes its forward pass once more from
/// operations whose gradients can be differentiated. Unlike [`grad`] this does not go on into what the inputs were
/// computed from.
pub(crate) fn recorded_gradients<T: Float>(
    inputs: &[&Var<T>],
    gradient: &Var<T>,
    compose: impl FnOnce(&[Var<T>]) -> Var<T>,
) -> Gradients<T> {
    recorded_gradients_and_leaves(inputs, &[], gradient, compose)
}

/// [`recorded_gradients`], and after them those of `leaves`, which `compose` reads by itself.
pub(crate) fn recorded_gradients_and_leaves<T: Float>(
    inputs: &[&Var<T>],
    leaves: &[Var<T>],
    gradient: &Var<T>,
    compose: impl FnOnce(&[Var<T>]) -> Var<T>,
) -> Gradients<T> {
    // Each input as a node of its own: one variable may be given twice, as query and as key, say.
    let own: Vec<Var<T>> = inputs.iter().map(|input| input.reshape(input.shape())).collect();
    let inputs: Vec<&Var<T>> = own.iter().collect();
    let options = BackwardOptions { gradient: Some(gradient.clone()), retain_graph: Some(true), create_graph: true };
    let watched: Vec<&Var<T>> = inputs.iter().copied().chain(leaves).collect();
    let gathered = run(&compose(&own), options, nodes_of(&watched), Beyond::Stop);
    let gathered = gathered.unwrap_or_else(|error| panic!("the graph of a composed operation is whole: {error}"));
    inputs.into_iter().chain(leaves).map(|input| gathered.of(input)).collect()
}

/// The gradients of a graph that has just been computed, with respect to `inputs`, whose own graphs stay as they are.
pub(crate) fn gradients_up_to<T: Float>(output: &Var<T>, inputs: &[&Var<T>], gradient: &Var<T>) -> Vec<Option<Var<T>>> {
    let options = BackwardOptions { gradient: Some(gradient.clone()), ..BackwardOptions::default() };
    let gathered = run(output, options, nodes_of(inputs), Beyond::Stop);
    let gathered = gathered.unwrap_or_else(|error| panic!("the graph of a computation is whole: {error}"));
    inputs.iter().map(|input| gathered.of(input)).collect()
}

/// The sequence numbers of the operations that computed `inputs`.
fn nodes_of<T: Float>(inputs: &[&Var<T>]) -> HashSet<u64> {
    let node = |input: &&Var<T>| match input.origin() {
        Some(Origin::Node(node)) => Some(node.sequence),
        _ => None,
    };
    inputs.iter().filter_map(node).collect()
}

/// What a pass does when it has reached a node whose gradient was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    /// Goes on to what the node was computed from.
    Follow,
    /// Goes no further there.
    Stop,
}

/// The gradients that one pass has computed.
struct Gathered<T: Float> {
    /// In the order in which the leaves were first reached.
    leaves: Vec<(Arc<Leaf<T>>, Var<T>)>,
    /// Of the nodes that were asked for, by sequence number.
    nodes: HashMap<u64, Var<T>>,
}

impl<T: Float> Gathered<T> {
    fn of(&self, input: &Var<T>) -> Option<Var<T>> {
        match input.origin()? {
            Origin::Leaf(leaf) => {
                self.leaves.iter().find(|(other, _)| Arc::ptr_eq(leaf, other)).map(|(_, g)| g.clone())
            }
            Origin::Node(node) => self.nodes.get(&node.sequence).cloned(),
        }
    }
}

/// One pass from `output` to the leaves. Gradients are handed out at the end, so that an error changes nothing.
fn run<T: Float>(
    output: &Var<T>,
    options: BackwardOptions<T>,
    watched: HashSet<u64>,
    beyond: Beyond,
) -> Result<Gathered<T>, AutogradError> {
    let retain_graph = options.retain_graph.unwrap_or(options.create_graph);
    let create_graph = options.create_graph;
    let seed = first_gradient(output, options.gradient)?;
    let origin = output.origin().filter(|_| output.requires_grad()).ok_or(AutogradError::NoGraph)?;
    let pass_over_the_graph = || {
        let mut pass = Pass::new();
        pass.send(origin, seed, "the output");
        let mut nodes = HashMap::new();
        while let Some((node, gradient)) = pass.next() {
            let gradient = node.hooks.apply(gradient);
            if watched.contains(&node.sequence) {
                nodes.insert(node.sequence, gradient.clone());
                if beyond == Beyond::Stop {
                    continue;
                }
            }
            let step = |record: &Record<T>| {
                let mut sums = Sums::new();
                if record.adds_in_place() && !create_graph {
                    sums.extend(record.inputs.iter().map(|input| pass.take_sum(input).into()));
                }
                let mut gradients = record.backward(&node, &gradient, &sums);
                let mut send = |origin: &Option<Origin<T>>, gradient: Option<Var<T>>| {
                    if let (Some(origin), Some(gradient)) = (origin, gradient) {
                        pass.send(origin, gradient, node.name);
                    }
                };
                // The sums that the rule has left come back first.
                record.inputs.iter().zip(&sums).for_each(|(origin, sum)| send(origin, sum.take().map(Var::new)));
                record.inputs.iter().zip(&mut gradients).for_each(|(origin, gradient)| send(origin, gradient.take()));
            };
            let done = if retain_graph { node.with_record(step) } else { node.take_record().as_ref().map(step) };
            done.ok_or(AutogradError::GraphFreed { operation: node.name })?;
            if anomaly::is_running()
                && let Some(found) = anomaly::found()
            {
                return Err(found.into());
            }
            profile::lap(Part::Backward, node.name);
        }
        let leaves = pass.leaves.into_iter().filter_map(Reached::finish).collect();
        Ok(Gathered { leaves, nodes })
    };
    profile::in_backward(|| with_mode(create_graph, pass_over_the_graph))
}

/// The given gradient, or 1 for a single number.
fn first_gradient<T: Float>(output: &Var<T>, given: Option<Var<T>>) -> Result<Var<T>, AutogradError> {
    match given {
        Some(gradient) if gradient.shape() != output.shape() => {
            Err(AutogradError::GradientShape { gradient: gradient.shape().to_vec(), output: output.shape().to_vec() })
        }
        Some(gradient) => Ok(gradient),
        None if output.numel() != 1 => Err(AutogradError::NotScalar { shape: output.shape().to_vec() }),
        None => Ok(Var::new(Tensor::full(output.shape(), T::one()))),
    }
}

/// A leaf and the sum of what has come for it; `None` while a rule has the sum.
struct Reached<T: Float> {
    leaf: Arc<Leaf<T>>,
    sum: Option<Var<T>>,
}

impl<T: Float> Reached<T> {
    /// The leaf with its gradient, hooks applied.
    fn finish(self) -> Option<(Arc<Leaf<T>>, Var<T>)> {
        let gradient = self.leaf.hooks.apply(self.sum?);
        Some((self.leaf, gradient))
    }
}

/// A node and the sum of what has come for it.
type Pending<T> = (Arc<Node<T>>, Var<T>);

/// Gradients on their way.
struct Pass<T: Float> {
    /// The newest node that a gradient has reached, and the sum of what has come for it, where it is not among the
    /// others below: in a chain it never is, which saves each operation the queue.
    newest: Option<Pending<T>>,
    /// The sequence numbers of nodes that a gradient has reached, with their places in `pending`. By the time a node is
    /// the newest, all of its gradient has come.
    queue: BinaryHeap<(u64, usize)>,
    /// Those nodes, and the sum of what has come for each. Places are used again.
    pending: Vec<Option<Pending<T>>>,
    free: Vec<usize>,
    /// The place of each node in `pending`, by sequence number.
    waiting: HashMap<u64, usize, Spreading>,
    leaves: Vec<Reached<T>>,
    /// The place in `leaves` of the leaf that something came for last: recurrent weights are met again and again.
    latest: usize,
    /// The place of each leaf in `leaves`, by address.
    places: HashMap<usize, usize, Spreading>,
}

impl<T: Float> Pass<T> {
    fn new() -> Self {
        Self {
            newest: None,
            queue: BinaryHeap::new(),
            pending: Vec::new(),
            free: Vec::new(),
            waiting: HashMap::default(),
            leaves: Vec::new(),
            latest: 0,
            places: HashMap::default(),
        }
    }

    /// Adds `gradient` to what has come for `origin`.
    fn send(&mut self, origin: &Origin<T>, gradient: Var<T>, from: &str) {
        let shape = match origin {
            Origin::Leaf(leaf) => &leaf.shape,
            Origin::Node(node) => &node.shape,
        };
        assert!(
            gradient.value().has_shape(shape),
            "backward of {from}: a gradient of shape {:?} for an input of shape {shape:?}",
            gradient.shape()
        );
        match origin {
            Origin::Leaf(leaf) => match self.place_of(leaf) {
                Some(place) => {
                    self.latest = place;
                    match &mut self.leaves[place].sum {
                        Some(sum) => sum.accumulate(gradient),
                        none => *none = Some(gradient),
                    }
                }
                None => {
                    self.places.insert(Arc::as_ptr(leaf).addr(), self.leaves.len());
                    self.leaves.push(Reached { leaf: leaf.clone(), sum: Some(gradient) });
                }
            },
            Origin::Node(node) => self.send_to_node(node, gradient),
        }
    }

    fn send_to_node(&mut self, node: &Arc<Node<T>>, gradient: Var<T>) {
        match &mut self.newest {
            Some((newest, sum)) if newest.sequence == node.sequence => return sum.accumulate(gradient),
            Some((newest, _)) if newest.sequence > node.sequence => {}
            Some(_) => {
                // It is the newest no more.
                if let Some(pending) = self.newest.take() {
                    self.wait(pending);
                }
            }
            None => {}
        }
        if let Some(&place) = self.waiting.get(&node.sequence) {
            let (_, sum) = self.pending[place].as_mut().expect("a waiting node has a gradient");
            return sum.accumulate(gradient);
        }
        let pending = (node.clone(), gradient);
        // Nothing is known to be newer than what waits, once the newest is done.
        if self.newest.is_none() && self.queue.peek().is_none_or(|&(sequence, _)| sequence < node.sequence) {
            self.newest = Some(pending);
        } else {
            self.wait(pending);
        }
    }

    /// Puts a node into the queue.
    fn wait(&mut self, pending: Pending<T>) {
        let (place, sequence) = (self.free.pop().unwrap_or(self.pending.len()), pending.0.sequence);
        self.pending.resize_with(self.pending.len().max(place + 1), || None);
        self.pending[place] = Some(pending);
        self.waiting.insert(sequence, place);
        self.queue.push((sequence, place));
    }

    /// The place of a leaf that something has come for.
    fn place_of(&self, leaf: &Arc<Leaf<T>>) -> Option<usize> {
        match self.leaves.get(self.latest) {
            Some(latest) if Arc::ptr_eq(&latest.leaf, leaf) => Some(self.latest),
            _ => self.places.get(&Arc::as_ptr(leaf).addr()).copied(),
        }
    }

    /// Takes out what has come for `origin`, if it is a leaf.
    fn take_sum(&mut self, origin: &Option<Origin<T>>) -> Option<Tensor<T>> {
        let Some(Origin::Leaf(leaf)) = origin else { return None };
        let place = self.place_of(leaf)?;
        self.leaves[place].sum.take().map(Var::into_value)
    }

    fn next(&mut self) -> Option<Pending<T>> {
        if self.newest.is_some() {
            return self.newest.take();
        }
        let (sequence, place) = self.queue.pop()?;
        self.waiting.remove(&sequence);
        self.free.push(place);
        self.pending[place].take()
    }
}

type Spreading = BuildHasherDefault<Spread>;

/// Hashes numbers that nobody chooses, sequence numbers and addresses, by a multiplication: the standard hasher takes
/// longer than the addition of a small tensor.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(self.0 ^ u64::from(byte)));
    }

    fn write_u64(&mut self, number: u64) {
        // 2^64 over the golden ratio; the product's upper half depends on all bits of the number.
        self.0 = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
