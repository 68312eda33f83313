//! Several schedules at once.

use serde::{Deserialize, Serialize};

use super::Schedule;
use super::rule::{Group, Rule, replay};
use crate::error::OptimError;

/// Several schedules at once, each of which changes what the one before it made of the learning rate
/// ([torch.optim.lr_scheduler.ChainedScheduler]).
///
/// Those that are `base_lr` times a factor multiply their factors.
/// [`CosineAnnealingLR`](super::cosine_annealing_lr::CosineAnnealingLR) changes the distance from `eta_min`, so that
/// the others act on `eta_min` as well; its way up again enlarges what they have brought below that, even to below 0,
/// which [`step`](crate::Optimizer::step) refuses. Those that set a learning rate of their own whatever it was, as
/// [`LambdaLR`](super::lambda_lr::LambdaLR), [`OneCycleLR`](super::one_cycle_lr::OneCycleLR) and a
/// [`SequentialLR`](super::sequential_lr::SequentialLR) at its milestones, undo what the ones before them did. All of
/// this is PyTorch's.
///
/// ```
/// use gradus_optim::{ChainedScheduler, ConstantLR, ExponentialLR, Schedule};
///
/// let (slow, decay) = (ConstantLR { factor: 0.5, total_iters: 2 }, ExponentialLR { gamma: 0.5 });
/// let schedule = Schedule::from(ChainedScheduler { schedulers: vec![slow.into(), decay.into()] });
/// assert_eq!(schedule.curve(1.0, 4).lrs, [0.5, 0.25, 0.25, 0.125]);
/// ```
///
/// [torch.optim.lr_scheduler.ChainedScheduler]:
/// https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainedScheduler {
    /// In the order in which they act; at least one.
    pub schedulers: Vec<Schedule>,
}

impl Rule for ChainedScheduler {
    const NAME: &'static str = "ChainedScheduler";

    fn check(&self) -> Result<(), OptimError> {
        let fault = |fault: &str| Err(OptimError::Schedule { schedule: Self::NAME, fault: fault.to_owned() });
        if self.schedulers.is_empty() {
            return fault("there is no schedule in it");
        }
        // A product cannot come back from 0, where PyTorch divides by it.
        if self.schedulers.iter().any(|schedule| matches!(schedule, Schedule::ConstantLR(c) if c.factor == 0.0)) {
            return fault("the factor of a ConstantLR in it must be above 0");
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
        self.schedulers.iter().fold(lr, |lr, schedule| schedule.chain(group, step, lr))
    }

    fn cycles_momentum(&self) -> bool {
        self.schedulers.iter().any(Schedule::cycles_momentum)
    }

    fn momentum(&self, group: usize, step: u64) -> Option<f64> {
        self.schedulers.iter().rev().find_map(|schedule| schedule.momentum(group, step))
    }

    fn last_step(&self) -> Option<u64> {
        self.schedulers.iter().filter_map(Schedule::last_step).min()
    }
}
