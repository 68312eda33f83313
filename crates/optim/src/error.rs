//! What can be wrong with an optimizer's parameters, hyper-parameters or state.

use thiserror::Error;

/// Why an optimizer could not be built, stepped, or given a state.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum OptimError {
    /// There is nothing to optimize.
    #[error("optimizer got an empty parameter list")]
    NoParameters,
    /// One parameter twice: it would be updated twice a step.
    #[error("parameter {second} is the same as {first}; name each parameter once")]
    Duplicate {
        /// The first of its names.
        first: String,
        /// The second.
        second: String,
    },
    /// Groups of several algorithms.
    #[error("all groups of an optimizer have one algorithm, but one has {first} and another {other}")]
    MixedAlgorithms {
        /// That of the first group.
        first: &'static str,
        /// Another.
        other: &'static str,
    },
    /// A hyper-parameter that the algorithm cannot work with.
    #[error("{algorithm}: {name} is {value}, but must be {needed}")]
    Hyperparameter {
        /// The algorithm.
        algorithm: &'static str,
        /// The hyper-parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        needed: &'static str,
    },
    /// Parameters whose shape the algorithm cannot work with.
    #[error("{algorithm} needs parameters of {needed}; give these to another optimizer: {}", .parameters.join(", "))]
    ParameterShapes {
        /// The algorithm.
        algorithm: &'static str,
        /// What the shapes must be.
        needed: &'static str,
        /// Names and shapes.
        parameters: Vec<String>,
    },
    /// A step where parameters are for use, not for training.
    #[error("{algorithm}: parameters are at the point for evaluation; call train on the optimizer before a step")]
    Evaluating {
        /// The algorithm.
        algorithm: &'static str,
    },
    /// Gradients that hold NaN or infinity, where a step stops at such.
    #[error(
        "step: the gradient holds NaN or infinity of {}; no parameter has changed. Lower the learning rate, or look \
         for an operation whose gradient is not finite (a root or quotient at 0)",
        .parameters.join(", ")
    )]
    NonFiniteGradients {
        /// The parameters' names.
        parameters: Vec<String>,
    },
    /// No algorithm has this name.
    #[error("unknown optimizer {name}; known are {}", .known.join(", "))]
    UnknownAlgorithm {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A schedule that does not hold together, or not with its optimizer.
    #[error("{schedule}: {fault}")]
    Schedule {
        /// The schedule.
        schedule: &'static str,
        /// What is wrong, and what to do.
        fault: String,
    },
    /// A schedule was to move before the first step with it.
    #[error(
        "{schedule}: schedule_step came before step, and its first learning rate would be skipped; call step first, \
         schedule_step after it"
    )]
    ScheduleBeforeStep {
        /// The schedule.
        schedule: &'static str,
    },
    /// A schedule was to move beyond its end.
    #[error(
        "{schedule}: it ends after {last} schedule steps; plan as many as there are to be, as total_steps of OneCycleLR"
    )]
    ScheduleEnded {
        /// The schedule.
        schedule: &'static str,
        /// Its last step.
        last: u64,
    },
    /// A schedule that follows a metric was to move without.
    #[error("{schedule} follows a metric; call schedule_step_with(metric) once an epoch, in place of schedule_step")]
    MetricNeeded {
        /// The schedule.
        schedule: &'static str,
    },
    /// A schedule that follows no metric was to move with one.
    #[error("{schedule} follows no metric; call schedule_step in place of schedule_step_with")]
    MetricUnused {
        /// The schedule.
        schedule: &'static str,
    },
    /// A second schedule.
    #[error(
        "the optimizer follows the schedule {name} already; make one of the two (SequentialLR for one after the other, \
         ChainedScheduler for both at once), or call end_schedule before"
    )]
    Scheduled {
        /// The one there is.
        name: &'static str,
    },
    /// Gradients that cannot be scaled to a norm.
    #[error("the norm of all gradients is {norm}; no gradient was scaled")]
    NonFiniteNorm {
        /// The norm.
        norm: f64,
    },
    /// The state is not this optimizer's: everything that differs.
    #[error("the optimizer state does not fit: {}", .0.join("; "))]
    State(Vec<String>),
}
