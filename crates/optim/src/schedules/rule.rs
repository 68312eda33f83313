//! `Rule`: what a schedule is, apart from what all of them share.

use crate::error::OptimError;

/// The parameter group that a learning rate is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Its number, from 0: where a schedule has a value for each group.
    pub index: usize,
    /// The learning rate that it began with.
    pub base_lr: f64,
}

/// The first group, with this learning rate to begin with.
impl From<f64> for Group {
    fn from(base_lr: f64) -> Self {
        Self { index: 0, base_lr }
    }
}

/// A schedule: hyper-parameters as a plain struct, and the learning rate as a function of the steps taken.
///
/// Step 0 is what training starts with. Schedules that are `base_lr` times a factor are a [`Factor`] instead.
pub(crate) trait Rule {
    /// The name that messages and files use: PyTorch's, where it has one.
    const NAME: &'static str;

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that the schedule cannot work with.
    fn check(&self) -> Result<(), OptimError>;

    /// Checks that values for each group are for this many of them.
    ///
    /// # Errors
    /// If they are not.
    fn check_groups(&self, _groups: usize) -> Result<(), OptimError> {
        Ok(())
    }

    /// The learning rate after `step` schedule steps.
    fn lr(&self, group: Group, step: u64) -> f64;

    /// The same from `lr`, that of step `step - 1` (of step 0: `group.base_lr`): for schedules that depend on it.
    fn advance(&self, group: Group, step: u64, _lr: f64) -> f64 {
        self.lr(group, step)
    }

    /// What the step makes of a learning rate that other schedules change as well, as PyTorch's `get_lr` does.
    fn chain(&self, group: Group, step: u64, lr: f64) -> f64 {
        self.advance(group, step, lr)
    }

    /// Step 0 of a schedule that others went before, which left `lr`.
    fn enter(&self, group: Group, _lr: f64) -> f64 {
        self.lr(group, 0)
    }

    /// Whether it sets the momentum as well.
    fn cycles_momentum(&self) -> bool {
        false
    }

    /// The momentum, or first beta, after `step` schedule steps, of group number `group`; none leaves it as it is.
    fn momentum(&self, _group: usize, _step: u64) -> Option<f64> {
        None
    }

    /// The last step that there is, where the schedule has an end that must not be passed.
    fn last_step(&self) -> Option<u64> {
        None
    }
}

/// A schedule that multiplies the learning rate.
pub(crate) trait Factor {
    /// See [`Rule::NAME`].
    const NAME: &'static str;

    /// See [`Rule::check`].
    fn check(&self) -> Result<(), OptimError>;

    /// What `base_lr` is multiplied with after `step` schedule steps.
    fn factor(&self, step: u64) -> f64;
}

impl<F: Factor> Rule for F {
    const NAME: &'static str = F::NAME;

    fn check(&self) -> Result<(), OptimError> {
        Factor::check(self)
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        group.base_lr * self.factor(step)
    }

    fn chain(&self, _group: Group, step: u64, lr: f64) -> f64 {
        let Some(before) = step.checked_sub(1) else { return lr * self.factor(0) };
        let before = self.factor(before);
        // What has reached 0 stays there.
        if before == 0.0 { lr } else { lr * (self.factor(step) / before) }
    }
}

/// [`Rule::lr`] of a schedule that depends on its own last learning rate.
pub(crate) fn replay<R: Rule>(rule: &R, group: Group, step: u64) -> f64 {
    (0..=step).fold(group.base_lr, |lr, step| rule.advance(group, step, lr))
}

/// The error for a hyper-parameter that does not hold what `needed` says.
pub(crate) fn require(
    schedule: &'static str,
    holds: bool,
    name: &'static str,
    value: f64,
    needed: &'static str,
) -> Result<(), OptimError> {
    if holds { Ok(()) } else { Err(OptimError::Hyperparameter { algorithm: schedule, name, value, needed }) }
}

/// [`require`] that a number is finite and at least 0.
pub(crate) fn require_not_negative(schedule: &'static str, name: &'static str, value: f64) -> Result<(), OptimError> {
    require(schedule, value.is_finite() && value >= 0.0, name, value, "a finite number of at least 0")
}

/// [`require`] that a number is finite and above 0.
pub(crate) fn require_positive(schedule: &'static str, name: &'static str, value: f64) -> Result<(), OptimError> {
    require(schedule, value.is_finite() && value > 0.0, name, value, "a finite number above 0")
}

/// [`require`] that a number of steps is at least 1.
pub(crate) fn require_steps(schedule: &'static str, name: &'static str, steps: u64) -> Result<(), OptimError> {
    require(schedule, steps > 0, name, steps as f64, "at least 1")
}
