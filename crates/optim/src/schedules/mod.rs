//! Learning rates as functions of the number of schedule steps: one file each, one line in the registry.

pub(crate) mod any;
pub(crate) mod chained_scheduler;
pub(crate) mod constant_lr;
pub(crate) mod cosine_annealing_lr;
pub(crate) mod cosine_annealing_warm_restarts;
pub(crate) mod curve;
pub(crate) mod cyclic_lr;
pub(crate) mod exponential_lr;
pub(crate) mod function;
pub(crate) mod inverse_sqrt;
pub(crate) mod lambda_lr;
pub(crate) mod linear_lr;
pub(crate) mod multi_step_lr;
pub(crate) mod multiplicative_lr;
pub(crate) mod one_cycle_lr;
pub(crate) mod per_group;
pub(crate) mod polynomial_lr;
pub(crate) mod reduce_lr_on_plateau;
pub(crate) mod rule;
pub(crate) mod sequential_lr;
pub(crate) mod step_lr;
pub(crate) mod swa_lr;
pub(crate) mod warmup_cosine;
pub(crate) mod warmup_stable_decay;

use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use chained_scheduler::ChainedScheduler;
use constant_lr::ConstantLR;
use cosine_annealing_lr::CosineAnnealingLR;
use cosine_annealing_warm_restarts::CosineAnnealingWarmRestarts;
use cyclic_lr::CyclicLR;
use exponential_lr::ExponentialLR;
use inverse_sqrt::InverseSqrt;
use lambda_lr::LambdaLR;
use linear_lr::LinearLR;
use multi_step_lr::MultiStepLR;
use multiplicative_lr::MultiplicativeLR;
use one_cycle_lr::OneCycleLR;
use polynomial_lr::PolynomialLR;
use rule::{Group, Rule};
use sequential_lr::SequentialLR;
use step_lr::StepLR;
use swa_lr::SWALR;
use warmup_cosine::WarmupCosine;
use warmup_stable_decay::WarmupStableDecay;

macro_rules! registry {
    ($($schedule:ident),* $(,)?) => {
        /// A schedule with its hyper-parameters: a learning rate, and for some a momentum, as a function of the
        /// schedule steps taken.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum Schedule {
            $(
                #[doc = concat!("See [`", stringify!($schedule), "`].")]
                $schedule($schedule)
            ),*
        }

        $(
            impl From<$schedule> for Schedule {
                fn from(schedule: $schedule) -> Self {
                    Self::$schedule(schedule)
                }
            }

            impl From<$schedule> for any::AnySchedule {
                fn from(schedule: $schedule) -> Self {
                    Self::Steps(schedule.into())
                }
            }
        )*

        impl Schedule {
            /// The names of all schedules.
            pub const NAMES: &'static [&'static str] = &[$(<$schedule as Rule>::NAME),*];

            /// The schedule's name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$schedule(_) => <$schedule as Rule>::NAME),* }
            }

            /// Checks the hyper-parameters.
            ///
            /// # Errors
            /// The first that the schedule cannot work with.
            pub fn check(&self) -> Result<(), OptimError> {
                match self { $(Self::$schedule(rule) => Rule::check(rule)),* }
            }

            /// The learning rate after `step` schedule steps, of a group that began with this one; step 0 is what
            /// training starts with. A number stands for the first group.
            ///
            /// Compositions and [`MultiplicativeLR`] count up to `step` for it; for many steps see
            /// [`curve`](Self::curve).
            ///
            /// The schedule should have passed [`check`](Self::check), as an optimizer's has; of others the number
            /// means nothing.
            ///
            /// # Panics
            /// If it has no value for a group of this number, or its hyper-parameters are such that none can be worked
            /// out.
            pub fn lr(&self, group: impl Into<Group>, step: u64) -> f64 {
                match self { $(Self::$schedule(rule) => rule.lr(group.into(), step)),* }
            }

            /// The momentum, or first beta, after `step` schedule steps, of group number `group`; none where the
            /// schedule leaves it as it is.
            ///
            /// # Panics
            /// As [`lr`](Self::lr) does.
            pub fn momentum(&self, group: usize, step: u64) -> Option<f64> {
                match self { $(Self::$schedule(rule) => rule.momentum(group, step)),* }
            }

            /// The last step that there is, where the schedule has an end that must not be passed.
            pub fn last_step(&self) -> Option<u64> {
                match self { $(Self::$schedule(rule) => rule.last_step()),* }
            }

            pub(crate) fn check_groups(&self, groups: usize) -> Result<(), OptimError> {
                match self { $(Self::$schedule(rule) => rule.check_groups(groups)),* }
            }

            pub(crate) fn cycles_momentum(&self) -> bool {
                match self { $(Self::$schedule(rule) => rule.cycles_momentum()),* }
            }

            pub(crate) fn advance(&self, group: Group, step: u64, lr: f64) -> f64 {
                match self { $(Self::$schedule(rule) => rule.advance(group, step, lr)),* }
            }

            fn chain(&self, group: Group, step: u64, lr: f64) -> f64 {
                match self { $(Self::$schedule(rule) => rule.chain(group, step, lr)),* }
            }

            fn enter(&self, group: Group, lr: f64) -> f64 {
                match self { $(Self::$schedule(rule) => rule.enter(group, lr)),* }
            }
        }
    };
}

registry! {
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    InverseSqrt,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    MultiplicativeLR,
    OneCycleLR,
    PolynomialLR,
    SequentialLR,
    SWALR,
    StepLR,
    WarmupCosine,
    WarmupStableDecay,
}
