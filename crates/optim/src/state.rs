//! What an optimizer needs to go on where it was.

use std::collections::BTreeMap;

use gradus_tensor::{Float, Tensor};

use crate::registry::Algorithm;

/// The state of an optimizer: by parameter name, so that it fits a model whatever the order of its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<T: Float = f32> {
    /// The algorithm of each group with its hyper-parameters, the present learning rate among them.
    pub algorithms: Vec<Algorithm>,
    /// The group of each parameter.
    pub groups: BTreeMap<String, usize>,
    /// Steps taken by each parameter.
    pub steps: BTreeMap<String, u64>,
    /// The algorithm's tensors, named `<parameter>.<slot>`, of all parameters that have taken a step.
    pub tensors: Vec<(String, Tensor<T>)>,
}

impl<T: Float> OptimizerState<T> {
    /// The tensor called `name`.
    pub fn tensor(&self, name: &str) -> Option<&Tensor<T>> {
        self.tensors.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
    }
}
