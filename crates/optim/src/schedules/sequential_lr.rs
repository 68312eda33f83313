//! One schedule after the other.

use serde::{Deserialize, Serialize};

use super::Schedule;
use super::rule::{Group, Rule, replay};
use crate::error::OptimError;

/// One schedule after the other ([torch.optim.lr_scheduler.SequentialLR]): number `i` begins, with its own step 0, at
/// step `milestones[i - 1]`.
///
/// Each starts from the learning rate that the group began with, not from where the one before ended;
/// [`MultiplicativeLR`](super::multiplicative_lr::MultiplicativeLR) alone goes on from there, as in PyTorch. A momentum
/// that one has cycled stays as that one left it.
///
/// Different from PyTorch: any schedule can stand anywhere, other compositions too (PyTorch has no step 0 for those,
/// and counts a nested one wrong); and one that brings its own learning rate and momentum, as
/// [`OneCycleLR`](super::one_cycle_lr::OneCycleLR), sets them when its turn comes, while PyTorch's sets what all others
/// start from when it is built.
///
/// ```
/// use gradus_optim::{CosineAnnealingLR, LinearLR, Schedule, SequentialLR};
///
/// let warm_up = LinearLR { start_factor: 0.1, ..LinearLR::default() };
/// let cosine = CosineAnnealingLR { t_max: 95, ..CosineAnnealingLR::default() };
/// let schedulers = vec![warm_up.into(), cosine.into()];
/// let schedule = Schedule::from(SequentialLR { schedulers, milestones: vec![5] });
/// schedule.check()?;
/// assert_eq!((schedule.lr(1.0, 0), schedule.lr(1.0, 5), schedule.lr(1.0, 100)), (0.1, 1.0, 0.0));
/// # Ok::<(), gradus_optim::OptimError>(())
/// ```
///
/// [torch.optim.lr_scheduler.SequentialLR]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequentialLR {
    /// What follows each other; at least one.
    pub schedulers: Vec<Schedule>,
    /// The first step of each but the first, each above the one before; one less than there are schedules.
    pub milestones: Vec<u64>,
}

impl SequentialLR {
    /// The number of the schedule whose turn `step` is, and that one's own step.
    fn position(&self, step: u64) -> (usize, u64) {
        let number = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        (number, step - self.start(number))
    }

    /// The step with which schedule `number` begins.
    fn start(&self, number: usize) -> u64 {
        if number == 0 { 0 } else { self.milestones[number - 1] }
    }

    /// What is wrong with the composition, apart from its parts.
    fn fault(&self) -> Option<String> {
        let (schedules, milestones) = (self.schedulers.len(), self.milestones.len());
        if schedules != milestones + 1 {
            return Some(format!("{schedules} schedules need {} milestones, not {milestones}", schedules.max(1) - 1));
        }
        let mut before = 0;
        for (&milestone, schedule) in self.milestones.iter().zip(&self.schedulers) {
            if milestone <= before {
                return Some(format!("the milestones {:?} must rise from above 0", self.milestones));
            }
            if let Some(last) = schedule.last_step().filter(|&last| last < milestone - before - 1) {
                let name = schedule.name();
                return Some(format!("{name} ends after {last} steps, but the next begins at step {milestone}"));
            }
            before = milestone;
        }
        None
    }
}

impl Rule for SequentialLR {
    const NAME: &'static str = "SequentialLR";

    fn check(&self) -> Result<(), OptimError> {
        if let Some(fault) = self.fault() {
            return Err(OptimError::Schedule { schedule: Self::NAME, fault });
        }
        self.schedulers.iter().try_for_each(Schedule::check)
    }

    fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
        self.schedulers.iter().try_for_each(|schedule| schedule.check_groups(groups))
    }

    fn lr(&self, group: Group, step: u64) -> f64 {
        replay(self, group, step)
    }

    fn advance(&self, group: Group, step: u64, lr: f64) -> f64 {
        match self.position(step) {
            (number @ 1.., 0) => self.schedulers[number].enter(group, lr),
            (number, step) => self.schedulers[number].advance(group, step, lr),
        }
    }

    /// Its start and its milestones set the learning rate anew, whatever others made of it.
    fn chain(&self, group: Group, step: u64, lr: f64) -> f64 {
        match self.position(step) {
            (0, 0) => self.schedulers[0].chain(group, 0, group.base_lr),
            (number, 0) => self.schedulers[number].enter(group, lr),
            (number, step) => self.schedulers[number].chain(group, step, lr),
        }
    }

    fn cycles_momentum(&self) -> bool {
        self.schedulers.iter().any(Schedule::cycles_momentum)
    }

    fn momentum(&self, group: usize, step: u64) -> Option<f64> {
        let (number, step) = self.position(step);
        self.schedulers[number].momentum(group, step)
    }

    fn last_step(&self) -> Option<u64> {
        let step = self.schedulers.last()?.last_step()?;
        Some(step.saturating_add(self.start(self.milestones.len())))
    }
}
