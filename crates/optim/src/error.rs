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
    /// No algorithm has this name.
    #[error("unknown optimizer {name}; known are {}", .known.join(", "))]
    UnknownAlgorithm {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A second schedule.
    #[error("the optimizer follows the schedule {name} already; compose schedules by value")]
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
