//! What an optimizer needs to go on where it was.

use std::collections::BTreeMap;

use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::registry::Algorithm;
use crate::schedules::any::AnySchedule;
use crate::schedules::reduce_lr_on_plateau::PlateauState;

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
#[serde(deny_unknown_fields)]
pub struct ScheduleState {
    /// The schedule.
    pub schedule: AnySchedule,
    /// The learning rate that each group began with.
    pub base_lrs: Vec<f64>,
    /// The momentum, or first beta, that each group began with, where the schedule sets it; else empty.
    pub base_momentums: Vec<f64>,
    /// Schedule steps taken.
    pub step: u64,
    /// What a schedule that follows a metric has seen.
    pub plateau: Option<PlateauState>,
}

impl<T: Float> OptimizerState<T> {
    /// The tensor called `name`.
    pub fn tensor(&self, name: &str) -> Option<&Tensor<T>> {
        self.tensors.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
    }
}
