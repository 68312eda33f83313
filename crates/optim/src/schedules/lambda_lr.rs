//! A learning rate by any function.

use serde::{Deserialize, Serialize};

use super::rule::{Group, Rule};
use super::{function::Function, per_group::PerGroup};
use crate::error::OptimError;

/// `base_lr lr_lambda(step)` ([torch.optim.lr_scheduler.LambdaLR]).
///
/// The function has a name, which is what a state holds of it: see [`Function`].
///
/// ```
/// use gradus_optim::{LambdaLR, Schedule};
///
/// let schedule = Schedule::from(LambdaLR::new("halve every 30", |step| 0.5f64.powf((step / 30) as f64)));
/// assert_eq!(schedule.lr(0.8, 65), 0.2);
/// ```
///
/// [torch.optim.lr_scheduler.LambdaLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaLR {
    /// What the learning rate is multiplied with, as a function of the step.
    pub lr_lambda: PerGroup<Function>,
}

impl LambdaLR {
    /// With the function `lr_lambda` for all groups, called `name` in files.
    pub fn new(name: impl Into<String>, lr_lambda: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Self {
        Self { lr_lambda: Function::new(name, lr_lambda).into() }
    }
}

impl Rule for LambdaLR {
    const NAME: &'static str = "LambdaLR";

    fn check(&self) -> Result<(), OptimError> {
        self.lr_lambda.iter().try_for_each(|function| function.check(Self::NAME))
    }

    fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        self.lr_lambda.check_groups(Self::NAME, "lr_lambda", groups)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        group.base_lr * self.lr_lambda.of(group.index).at(step)
    }
}
