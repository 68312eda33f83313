//! Gradients broken on purpose: what a backward rule with an error in it would give.

use std::cell::{Cell, RefCell};

use gradus_tensor::{Float, Tensor};

use super::F;
use crate::graph::Gradients;
use crate::{BackwardOptions, Var, grad};

/// An error in a backward rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The wrong sign.
    Sign,
    /// Twice as much; ones where the gradient is zero everywhere.
    Factor,
    /// The elements in reverse: rows and columns, or dimensions, taken for one another.
    Transposed,
    /// No gradient for the second half of the elements, as where a term is left out.
    Term,
    /// No gradient at all.
    Missing,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] = [Self::Sign, Self::Factor, Self::Transposed, Self::Term, Self::Missing];

    /// What becomes of a gradient.
    fn apply<T: Float>(self, gradient: &Tensor<T>) -> Option<Tensor<T>> {
        let mut values = gradient.to_vec();
        match self {
            Self::Sign => values.iter_mut().for_each(|x| *x = -*x),
            Self::Factor if values.iter().all(|x| *x == T::zero()) => values.fill(T::one()),
            Self::Factor => values.iter_mut().for_each(|x| *x += *x),
            Self::Transposed => values.reverse(),
            Self::Term => {
                let half = values.len() / 2;
                values[half..].fill(T::zero());
            }
            Self::Missing => return None,
        }
        Some(Tensor::from_vec(values, gradient.shape()))
    }
}

thread_local! {
    /// The operation, its input, and what is wrong with that gradient.
    static FAULT: Cell<Option<(&'static str, usize, Fault)>> = const { Cell::new(None) };
    /// An operation, and for each of its inputs whether a gradient has come that is not zero everywhere.
    static SEEN: RefCell<Option<(&'static str, Vec<bool>)>> = const { RefCell::new(None) };
}

/// Runs `f` with the gradient of input `input` of every operation called `name` broken.
pub(crate) fn with<R>(name: &'static str, input: usize, fault: Fault, f: impl FnOnce() -> R) -> R {
    FAULT.set(Some((name, input, fault)));
    let result = f();
    FAULT.set(None);
    result
}

/// For each input of the operation called `name`, in what `f` computes of `inputs`, the faults that its gradient can
/// have: all, or if it is zero everywhere only that it is not.
pub(crate) fn faults_of(name: &'static str, f: F, inputs: &[Tensor<f64>]) -> Vec<&'static [Fault]> {
    SEEN.set(Some((name, Vec::new())));
    let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
    let out = f(&leaves);
    let options = BackwardOptions { gradient: Some(Var::new(Tensor::ones(out.shape()))), ..BackwardOptions::default() };
    grad(&out, &leaves.iter().collect::<Vec<_>>(), options).expect("the graph is whole");
    let (_, nonzero) = SEEN.take().expect("set above");
    nonzero.into_iter().map(|nonzero| if nonzero { &Fault::ALL[..] } else { &[Fault::Factor] }).collect()
}

/// Called with what every rule answers.
pub(crate) fn apply<T: Float>(name: &str, mut gradients: Gradients<T>) -> Gradients<T> {
    SEEN.with_borrow_mut(|seen| {
        if let Some((watched, inputs)) = seen
            && *watched == name
        {
            inputs.resize(inputs.len().max(gradients.len()), false);
            for (nonzero, gradient) in inputs.iter_mut().zip(&gradients) {
                *nonzero |= gradient.as_ref().is_some_and(|g| g.value().to_vec().iter().any(|x| *x != T::zero()));
            }
        }
    });
    if let Some((broken, input, fault)) = FAULT.get()
        && broken == name
        && let Some(Some(gradient)) = gradients.get(input)
    {
        gradients[input] = fault.apply(gradient.value()).map(Var::new);
    }
    gradients
}
