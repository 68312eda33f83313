//! What an optimizer needs to go on where it was.

use std::collections::BTreeMap;

use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::registry::Algorithm;
use crate::schedules::Schedule;

/// The state of an optimizer: by parameter name, so that it fits a model whatever the order of its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<T: Float = f32> {
    /// The algorithm of each group with its hyper-parameters, the present learning rate among them.
    pub algorithms: Vec<Algorithm>,
    /// The group of each parameter.
    pub groups: BTreeMap<String, usize>,
    /// The schedule, if there is one.
    pub schedule: Option<ScheduleState>,
    /// Steps taken by each parameter.
    pub steps: BTreeMap<String, u64>,
    /// The algorithm's tensors, named `<parameter>.<slot>`, of all parameters that have taken a step.
    pub tensors: Vec<(String, Tensor<T>)>,
}

/// A schedule and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// The schedule.
    pub schedule: Schedule,
    /// The learning rate that each group began with.
    pub base_lrs: Vec<f64>,
    /// Schedule steps taken.
    pub step: u64,
}

impl ScheduleState {
    /// The present learning rate of group `group`.
    pub(crate) fn lr(&self, group: usize) -> f64 {
        self.schedule.lr(self.base_lrs[group], self.step)
    }
}

impl<T: Float> OptimizerState<T> {
    /// The tensor called `name`.
    pub fn tensor(&self, name: &str) -> Option<&Tensor<T>> {
        self.tensors.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
    }
}
