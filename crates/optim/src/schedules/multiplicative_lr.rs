//! A learning rate that a function changes step by step.

use serde::{Deserialize, Serialize};

use super::rule::{Group, Rule, replay};
use super::{function::Function, per_group::PerGroup};
use crate::error::OptimError;

/// At each step the learning rate times `lr_lambda(step)` ([torch.optim.lr_scheduler.MultiplicativeLR]): after step n
/// that is `base_lr lr_lambda(1) .. lr_lambda(n)`.
///
/// The function has a name, which is what a state holds of it: see [`Function`].
///
/// [torch.optim.lr_scheduler.MultiplicativeLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiplicativeLR {
    /// What a step multiplies the learning rate with, as a function of the step.
    pub lr_lambda: PerGroup<Function>,
}

impl MultiplicativeLR {
    /// With the function `lr_lambda` for all groups, called `name` in files.
    pub fn new(name: impl Into<String>, lr_lambda: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Self {
        Self { lr_lambda: Function::new(name, lr_lambda).into() }
    }
}

impl Rule for MultiplicativeLR {
    const NAME: &'static str = "MultiplicativeLR";

    fn check(&self) -> Result<(), OptimError> {
        self.lr_lambda.iter().try_for_each(|function| function.check(Self::NAME))
    }

    fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        self.lr_lambda.check_groups(Self::NAME, "lr_lambda", groups)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        replay(self, group, step)
    }

    fn advance(&self, group: Group, step: u64, lr: f64) -> f64 {
        if step == 0 { lr } else { self.times(group, step, lr) }
    }

    /// After another schedule it goes on from what that one left, `lr_lambda(0)` included.
    fn enter(&self, group: Group, lr: f64) -> f64 {
        self.times(group, 0, lr)
    }
}

impl MultiplicativeLR {
    fn times(&self, group: Group, step: u64, lr: f64) -> f64 {
        lr * self.lr_lambda.of(group.index).at(step)
    }
}
