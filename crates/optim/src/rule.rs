//! `Rule`: what an algorithm is, apart from what all of them share.

use gradus_tensor::Float;

use crate::error::OptimError;

/// An update rule: hyper-parameters as a plain struct, `lr: f64` among them, and one pass over a parameter's memory.
pub(crate) trait Rule {
    /// The name that messages and command lines use.
    const NAME: &'static str;

    /// The names of the tensors kept for each parameter, in PyTorch's spelling. They start as zeros.
    fn slots(&self) -> &'static [&'static str];

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that the algorithm cannot work with.
    fn check(&self) -> Result<(), OptimError>;

    /// What schedules that cycle the momentum set: momentum, or the first beta; none where the algorithm has neither.
    fn momentum_mut(&mut self) -> Option<&mut f64> {
        None
    }

    /// Step `step` (1 for the first) of a stretch of one parameter: `param[i]`, `grad[i]` and `slots[..][i]` belong
    /// together. Each element must be updated by itself, since the driver cuts parameters at will.
    ///
    /// `#[inline(always)]` in every algorithm, so that its loop is compiled for the processor's vector instructions.
    fn update<T: Float>(&self, step: u64, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]);
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

/// [`require`] that a number is finite and at least 0.
pub(crate) fn require_not_negative<R: Rule>(name: &'static str, value: f64) -> Result<(), OptimError> {
    require::<R>(value.is_finite() && value >= 0.0, name, value, "a finite number of at least 0")
}
