//! Anomaly mode: where the first NaN or infinity was born.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use gradus_tensor::{Float, Tensor};
use thiserror::Error;

use crate::graph::{Gradients, Node, Origin};
use crate::param::Param;
use crate::var::Var;

/// Operations whose infinities are what the caller asked for.
const CHOOSES: &[&str] = &["masked_fill", "where"];

/// The first number that was not finite.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{number} {birth} of {operation}, output {shape:?}{place}")]
pub struct Anomaly {
    /// NaN or infinity.
    pub number: NonFinite,
    /// In which pass it came up.
    pub birth: Birth,
    /// The forward operation.
    pub operation: &'static str,
    /// The shape of that operation's output.
    pub shape: Vec<usize>,
    /// Where in the model that was.
    pub place: Place,
}

/// A number that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonFinite {
    /// No number.
    NaN,
    /// Plus or minus infinity.
    Infinity,
}

/// How a number that is not finite came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Birth {
    /// The operation computed it from finite numbers.
    Forward,
    /// The operation's gradient computed it, for the input of this number, from finite numbers.
    Backward(usize),
    /// The input of this number held it already: it is in the data or in a parameter.
    Input(usize),
}

/// A place in a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Unknown: no parameter has been read yet.
    Unknown,
    /// The operation reads this parameter.
    At(String),
    /// This parameter was read last before the operation.
    After(String),
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NaN => "NaN",
            Self::Infinity => "infinity",
        })
    }
}

impl fmt::Display for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forward => f.write_str("came up in the forward pass"),
            Self::Backward(input) => write!(f, "came up in the gradient of input {input}"),
            Self::Input(input) => write!(f, "was already in input {input}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::At(parameter) => write!(f, ", at {parameter}"),
            Self::After(parameter) => write!(f, ", after {parameter}"),
        }
    }
}

/// What anomaly mode keeps while it runs.
struct Watch {
    /// The names of parameters by the addresses of their leaves.
    names: HashMap<usize, String>,
    last: Place,
    /// Where the operations that were recorded are, by sequence number.
    places: HashMap<u64, Place>,
    /// The place of the operation whose gradient is being computed.
    differentiating: Option<Place>,
    found: Option<Anomaly>,
}

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Runs `f` and looks at every result and every gradient that this thread computes meanwhile: the first NaN or infinity
/// is told with the operation that it came from and the parameters around it, called by `names`. `backward` fails on
/// it too, before any gradient is handed out. Every operation reads its results once more, so this is for finding a
/// fault and not for every day (PyTorch's `autograd.detect_anomaly`, which sees NaN in gradients alone).
///
/// An infinity that `masked_fill` or `where_` was asked to put in is none.
///
/// ```
/// use gradus_autograd::{Param, Var, detect_anomaly};
/// use gradus_tensor::Tensor;
///
/// let scale = Param::new(Tensor::scalar(-2.0f32));
/// let names = [("scale".to_owned(), scale.clone())];
/// let found = detect_anomaly(names, || (&Var::new(Tensor::scalar(3.0)) * &scale.var()).sqrt()).unwrap_err();
/// assert_eq!(found.to_string(), "NaN came up in the forward pass of sqrt, output [], after scale");
/// ```
///
/// # Errors
/// The first number that was not finite. `f` has run to its end then.
pub fn detect_anomaly<T: Float, R>(
    names: impl IntoIterator<Item = (String, Param<T>)>,
    f: impl FnOnce() -> R,
) -> Result<R, Anomaly> {
    /// Puts back what was watched before, also when `f` panics.
    struct Restore(Option<Watch>);
    impl Drop for Restore {
        fn drop(&mut self) {
            WATCH.set(self.0.take());
        }
    }
    let names = names.into_iter().map(|(name, parameter)| (std::ptr::from_ref(parameter.leaf()).addr(), name));
    let watch = Watch {
        names: names.collect(),
        last: Place::Unknown,
        places: HashMap::new(),
        differentiating: None,
        found: None,
    };
    let _restore = Restore(WATCH.replace(Some(watch)));
    let result = f();
    found().map_or(Ok(result), Err)
}

/// What has been found so far.
pub(crate) fn found() -> Option<Anomaly> {
    WATCH.with_borrow(|watch| watch.as_ref()?.found.clone())
}

/// Whether anomaly mode runs.
pub(crate) fn is_running() -> bool {
    WATCH.with_borrow(Option::is_some)
}

/// Looks at what an operation has computed.
pub(crate) fn computed<T: Float>(operation: &'static str, inputs: &[&Var<T>], out: &Var<T>) {
    WATCH.with_borrow_mut(|watch| {
        let Some(watch) = watch else { return };
        let place = watch.differentiating.clone().unwrap_or_else(|| watch.place(inputs));
        if let Some(Origin::Node(node)) = out.origin() {
            watch.places.insert(node.sequence, place.clone());
        }
        if watch.found.is_some() || watch.differentiating.is_some() {
            return;
        }
        let Some(number) = non_finite(out.value()) else { return };
        let holding = |number| inputs.iter().position(|input| non_finite(input.value()) == Some(number));
        let birth = match (number, holding(NonFinite::NaN), holding(NonFinite::Infinity)) {
            (NonFinite::NaN, None, _) => Birth::Forward,
            (NonFinite::NaN, Some(input), _) if inputs[input].is_leaf() => Birth::Input(input),
            (NonFinite::Infinity, None, None) if !CHOOSES.contains(&operation) => Birth::Forward,
            // A constant of infinities is a mask.
            (NonFinite::Infinity, _, Some(input)) if inputs[input].is_leaf() && inputs[input].requires_grad() => {
                Birth::Input(input)
            }
            _ => return,
        };
        watch.found = Some(Anomaly { number, birth, operation, shape: out.shape().to_vec(), place });
    });
}

/// Runs the rule of `node` and looks at the gradients that it gives the inputs; what it computes on the way is its own.
pub(crate) fn differentiate<T: Float>(
    node: &Arc<Node<T>>,
    gradient: &Var<T>,
    rule: impl FnOnce() -> Gradients<T>,
) -> Gradients<T> {
    if !is_running() {
        return rule();
    }
    let differentiating = |watch: &mut Option<Watch>| {
        let watch = watch.as_mut()?;
        let place = watch.places.get(&node.sequence).cloned().unwrap_or(Place::Unknown);
        watch.differentiating.replace(place)
    };
    let before = WATCH.with_borrow_mut(differentiating);
    let gradients = rule();
    WATCH.with_borrow_mut(|watch| {
        if let Some(watch) = watch {
            watch.differentiating = before;
        }
    });
    differentiated(node, gradient, &gradients);
    gradients
}

fn differentiated<T: Float>(node: &Arc<Node<T>>, gradient: &Var<T>, gradients: &Gradients<T>) {
    WATCH.with_borrow_mut(|watch| {
        let Some(watch) = watch else { return };
        if watch.found.is_some() || non_finite(gradient.value()).is_some() {
            return;
        }
        let first = gradients.iter().enumerate().find_map(|(i, g)| Some((i, non_finite(g.as_ref()?.value())?)));
        let Some((input, number)) = first else { return };
        let place = watch.places.get(&node.sequence).cloned().unwrap_or(Place::Unknown);
        let shape = node.shape.to_vec();
        watch.found = Some(Anomaly { number, birth: Birth::Backward(input), operation: node.name, shape, place });
    });
}

impl Watch {
    /// Where an operation of these inputs is.
    fn place<T: Float>(&mut self, inputs: &[&Var<T>]) -> Place {
        let name = inputs.iter().find_map(|input| match input.origin() {
            Some(Origin::Leaf(leaf)) => self.names.get(&Arc::as_ptr(leaf).addr()),
            _ => None,
        });
        match name {
            Some(name) => {
                self.last = Place::After(name.clone());
                Place::At(name.clone())
            }
            None => self.last.clone(),
        }
    }
}

/// NaN before infinity.
fn non_finite<T: Float>(x: &Tensor<T>) -> Option<NonFinite> {
    let mut found = None;
    for x in &x.view() {
        if x.is_nan() {
            return Some(NonFinite::NaN);
        }
        if x.is_infinite() {
            found = Some(NonFinite::Infinity);
        }
    }
    found
}
