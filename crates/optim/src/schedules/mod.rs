//! Learning rates as functions of the number of schedule steps: one file each, one line in the registry.

pub(crate) mod linear_lr;
pub(crate) mod multi_step_lr;
pub(crate) mod step_lr;
pub(crate) mod warmup_cosine;

use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::schedules::{linear_lr::LinearLR, multi_step_lr::MultiStepLR, step_lr::StepLR, warmup_cosine::WarmupCosine};

/// A schedule: hyper-parameters as a plain struct, and the learning rate as a pure function of the steps taken.
pub(crate) trait Rule {
    /// The name that messages and files use: PyTorch's, where it has one.
    const NAME: &'static str;

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that the schedule cannot work with.
    fn check(&self) -> Result<(), OptimError>;

    /// The learning rate after `step` schedule steps, of a group that began with `base`; step 0 is what training starts
    /// with.
    fn lr(&self, base: f64, step: u64) -> f64;
}

/// The error for a hyper-parameter that does not hold what `needed` says.
pub(crate) fn require<R: Rule>(
    holds: bool,
    name: &'static str,
    value: f64,
    needed: &'static str,
) -> Result<(), OptimError> {
    if holds { Ok(()) } else { Err(OptimError::Hyperparameter { algorithm: R::NAME, name, value, needed }) }
}

macro_rules! registry {
    ($($schedule:ident),* $(,)?) => {
        /// A schedule with its hyper-parameters.
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
        )*

        impl Schedule {
            /// The names of all schedules.
            pub const NAMES: &'static [&'static str] = &[$($schedule::NAME),*];

            /// The schedule's name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$schedule(_) => $schedule::NAME),* }
            }

            /// Checks the hyper-parameters.
            ///
            /// # Errors
            /// The first that the schedule cannot work with.
            pub fn check(&self) -> Result<(), OptimError> {
                match self { $(Self::$schedule(rule) => rule.check()),* }
            }

            /// The learning rate after `step` schedule steps, of a group that began with `base`; step 0 is what
            /// training starts with.
            pub fn lr(&self, base: f64, step: u64) -> f64 {
                match self { $(Self::$schedule(rule) => rule.lr(base, step)),* }
            }
        }
    };
}

registry!(LinearLR, MultiStepLR, StepLR, WarmupCosine);
