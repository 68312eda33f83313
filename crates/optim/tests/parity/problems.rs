//! The problems of xtask/parity/optimizers.py.

use gradus_autograd::{Param, Var};
use gradus_tensor::Float;

use crate::fixture::Fixture;

/// The names of the problems.
pub(crate) const PROBLEMS: [&str; 2] = ["mlp", "quadratic"];

/// Parameters by name, and what they are to minimize.
pub(crate) struct Problem<T: Float> {
    pub(crate) parameters: Vec<(String, Param<T>)>,
    given: Vec<(&'static str, Var<T>)>,
    name: &'static str,
}

impl<T: Float> Problem<T> {
    pub(crate) fn new(fixture: &Fixture, name: &'static str) -> Self {
        let number = |what: &str| fixture.number::<T>(&format!("{name}.{what}"));
        let (parameters, given) = match name {
            "mlp" => (&["w1", "b1", "w2", "b2"][..], &["x", "y"][..]),
            _ => (&["p", "q"][..], &["c", "d", "e", "f"][..]),
        };
        Self {
            parameters: parameters.iter().map(|what| ((*what).to_owned(), Param::new(number(what)))).collect(),
            given: given.iter().map(|what| (*what, Var::new(number(what)))).collect(),
            name,
        }
    }

    /// The parameters that an optimizer trains.
    pub(crate) fn trained(&self, algorithm: &str) -> Vec<(String, Param<T>)> {
        let all = self.parameters.iter().cloned();
        all.filter(|(_, parameter)| algorithm != "muon" || parameter.shape().len() == 2).collect()
    }

    pub(crate) fn loss(&self) -> Var<T> {
        let p = |i: usize| self.parameters[i].1.var();
        let given = |name: &str| &self.given.iter().find(|(other, _)| *other == name).unwrap().1;
        if self.name == "mlp" {
            let hidden = (given("x").matmul(&p(0).transpose(0, 1)) + p(1)).tanh();
            let wrong = hidden.matmul(&p(2).transpose(0, 1)) + p(3) - given("y");
            return (&wrong * &wrong).mean();
        }
        let half = T::from_f64(0.5);
        let part = |p: Var<T>, at: &str, factor: &str| {
            let wrong = p - given(at);
            (given(factor) * &(&wrong * &wrong)).sum() * half
        };
        part(p(0), "c", "d") + part(p(1), "f", "e")
    }
}
