//! Every operation of the registry: its first and second derivatives against finite differences, and the same with each
//! gradient broken on purpose, which must be caught.
//!
//! A family's cases are in a file of its own, a line each. An operation needs [`SAMPLES`] of them.

mod activation;
mod arithmetic;
mod elementwise;
mod index;
mod loss;
mod norm;
mod product;
mod random;
mod reduction;
pub(crate) mod sabotage;
mod sequence;
mod shape;
mod window;

use std::collections::BTreeMap;

use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;

use crate::conformance::sabotage::Fault;
use crate::{
    BackwardOptions, GradcheckError, GradcheckOptions, OPERATIONS, Var, grad, gradcheck, gradcheck_with, gradgradcheck,
};

/// Samples that each operation needs.
const SAMPLES: usize = 8;

/// Where functions are smooth, closer than PyTorch's defaults.
const STRICT: GradcheckOptions = GradcheckOptions { eps: 1e-6, atol: 1e-6, rtol: 1e-6 };

/// Operations without second derivatives: PyTorch has none of them, and says so when they are asked for, as these do.
const FIRST_ORDER_ONLY: &[&str] = &["ctc_loss"];

type F = fn(&[Var<f64>]) -> Var<f64>;

/// How the inputs of a case are drawn.
#[derive(Clone, Copy)]
enum Draw {
    /// From -1 to 1.
    Any,
    /// From 0.5 to 2, where logarithm, root and quotient are smooth.
    Positive,
    /// Distinct numbers at least 0.05 apart and away from 0, so that no step of a difference crosses a kink.
    Apart,
}

impl Draw {
    fn draw(self, shape: &[usize], generator: &mut Generator) -> Tensor<f64> {
        match self {
            Self::Any => generator.uniform(shape, -1.0, 1.0),
            Self::Positive => generator.uniform(shape, 0.5, 2.0),
            Self::Apart => {
                let n = shape.iter().product();
                let order = generator.permutation(n);
                Tensor::from_fn(shape, |i| (order[i] as f64 - n as f64 / 2.0) * 0.05 + 0.02)
            }
        }
    }
}

/// An operation's name, how it is computed, how its inputs are drawn, and shapes to try it on.
struct Case(&'static str, F, Draw, &'static [&'static [&'static [usize]]]);

const FAMILIES: &[&[Case]] = &[
    activation::CASES,
    arithmetic::CASES,
    elementwise::CASES,
    index::CASES,
    loss::CASES,
    norm::CASES,
    product::CASES,
    random::CASES,
    reduction::CASES,
    sequence::CASES,
    shape::CASES,
    window::CASES,
];

// Shapes that many operations share.
const BROADCASTS: &[&[&[usize]]] = &[
    &[&[], &[]],
    &[&[3], &[3]],
    &[&[2, 3], &[3]],
    &[&[3], &[2, 3]],
    &[&[3, 1], &[1, 2]],
    &[&[2, 1, 2], &[3, 1]],
    &[&[1], &[]],
    &[&[0, 2], &[2]],
];
const SHAPES: &[&[&[usize]]] =
    &[&[&[]], &[&[1]], &[&[5]], &[&[2, 3]], &[&[3, 1, 2]], &[&[0, 3]], &[&[1, 7]], &[&[2, 2, 2]]];
const MATRICES: &[&[&[usize]]] =
    &[&[&[2, 3]], &[&[1, 4]], &[&[5, 1]], &[&[3, 2, 2]], &[&[1, 1]], &[&[4, 4]], &[&[2, 1, 3]], &[&[7, 3]]];

/// The recorded gradient of one input, given `g` as gradient of `y`: a function of the inputs and `g`.
fn recorded(y: &Var<f64>, g: &Var<f64>, input: &Var<f64>) -> Var<f64> {
    let options = BackwardOptions { gradient: Some(g.clone()), create_graph: true, ..BackwardOptions::default() };
    grad(y, &[input], options).unwrap().remove(0).unwrap()
}

/// Every sample of every case, with drawn inputs.
fn for_each_sample(mut check: impl FnMut(&Case, &[&[usize]], &[Tensor<f64>])) {
    let mut generator = Generator::new(0, 0);
    for case in FAMILIES.iter().copied().flatten() {
        for shapes in case.3 {
            let inputs: Vec<_> = shapes.iter().map(|shape| case.2.draw(shape, &mut generator)).collect();
            check(case, shapes, &inputs);
        }
    }
}

#[test]
fn every_operation_has_right_first_and_second_derivatives() {
    for_each_sample(|Case(name, f, _, _), shapes, inputs| {
        let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
        assert_eq!(f(&leaves).operation(), Some(*name), "the case computes another operation");
        gradcheck_with(f, inputs, STRICT).unwrap_or_else(|error| panic!("{name} at {shapes:?}: {error}"));
        if FIRST_ORDER_ONLY.contains(name) {
            return;
        }
        gradgradcheck(f, inputs).unwrap_or_else(|error| panic!("{name} at {shapes:?}, second order: {error}"));
    });
}

#[test]
fn no_operation_goes_untested() {
    let mut samples = BTreeMap::new();
    for case in FAMILIES.iter().copied().flatten() {
        *samples.entry(case.0).or_insert(0) += case.3.len();
    }
    let tested: Vec<_> = samples.keys().copied().collect();
    assert_eq!(tested, OPERATIONS, "the operations with a case, and the registry in order");
    samples.retain(|_, count| *count < SAMPLES);
    assert!(samples.is_empty(), "operations with fewer than {SAMPLES} samples: {samples:?}");
}

#[test]
fn strided_inputs_have_right_derivatives() {
    let x = Generator::new(1, 0).uniform::<f64>([4, 3], -1.0, 1.0);
    gradcheck(|x| (&x[0] * &x[1]).exp(), &[x.transpose(0, 1).slice(1, 0..3), x.slice(0, 1..4)]).unwrap();
}

/// The negative control. Every gradient of every operation is broken in each way; one sample at least must show it.
#[test]
fn every_broken_gradient_is_caught() {
    // By operation, input and fault: whether a sample has shown it.
    let mut caught = BTreeMap::new();
    for_each_sample(|Case(name, f, _, _), _, inputs| {
        for (input, faults) in sabotage::faults_of(name, *f, inputs).into_iter().enumerate() {
            for &fault in faults {
                let seen = caught.entry((*name, input, fault)).or_insert(false);
                if !*seen {
                    *seen = sabotage::with(name, input, fault, || gradcheck(f, inputs)).is_err();
                }
            }
        }
    });
    caught.retain(|_, seen| !*seen);
    let missed: Vec<_> = caught.into_keys().collect();
    assert!(missed.is_empty(), "gradients whose faults no sample shows: {missed:?}");
}

#[test]
fn a_missing_gradient_is_named() {
    let x = Tensor::from_vec(vec![0.4, -1.2, 0.9], [3]);
    let check = || gradcheck(|x| x[0].exp(), std::slice::from_ref(&x));
    assert_eq!(sabotage::with("exp", 0, Fault::Missing, check), Err(GradcheckError::Missing { input: 0 }));
}
