//! What a step does with gradients that hold NaN or infinity.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::optimizer::Optimizer;

/// What [`Optimizer::step`] does where a gradient holds NaN or infinity. All but [`Pass`](Self::Pass) read the
/// gradients once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum NonFinite {
    /// Takes the step all the same, as PyTorch does: parameters and moments become NaN. Costs nothing.
    #[default]
    Pass,
    /// An error that names the parameters; nothing has changed, and no parameter has counted the step.
    Stop,
    /// No step at all: neither parameters nor moments nor their counts change. [`Optimizer::skipped_steps`] counts it.
    Skip,
    /// NaN counts as 0 and infinities as `bound` with their sign; what is finite stays.
    Clip {
        /// What infinities become; at least 0.
        bound: f64,
    },
}

impl<T: Float> Optimizer<T> {
    /// Sets what steps do with gradients that hold NaN or infinity.
    ///
    /// # Errors
    /// If the bound of [`NonFinite::Clip`] is negative or no number.
    pub fn set_non_finite(&mut self, policy: NonFinite) -> Result<(), OptimError> {
        if let NonFinite::Clip { bound } = policy
            && !(bound.is_finite() && bound >= 0.0)
        {
            let (algorithm, name, needed) = ("NonFinite::Clip", "bound", "a finite number of at least 0");
            return Err(OptimError::Hyperparameter { algorithm, name, value: bound, needed });
        }
        self.non_finite = policy;
        Ok(())
    }

    /// Steps that [`NonFinite::Skip`] has left out.
    pub fn skipped_steps(&self) -> u64 {
        self.skipped
    }

    /// Looks at the gradients as the policy says, changes those that it clips, and tells whether a step may be taken.
    /// [`step`](Self::step) begins with it; call it yourself before clipping by norm, which NaN would spread.
    ///
    /// # Errors
    /// With [`NonFinite::Stop`], if a gradient holds NaN or infinity.
    pub fn admit_gradients(&mut self) -> Result<bool, OptimError> {
        if self.non_finite == NonFinite::Pass {
            return Ok(true);
        }
        let gradients = self.members.iter().filter_map(|member| Some((member, member.parameter.grad()?)));
        let bad: Vec<_> = gradients.filter(|(_, gradient)| !gradient.all_finite()).collect();
        if bad.is_empty() {
            return Ok(true);
        }
        match self.non_finite {
            NonFinite::Pass => Ok(true),
            NonFinite::Skip => Ok(false),
            NonFinite::Stop => {
                let parameters = bad.iter().map(|(member, _)| member.name.clone()).collect();
                Err(OptimError::NonFiniteGradients { parameters })
            }
            NonFinite::Clip { bound } => {
                let bound = T::from_f64(bound);
                for (member, gradient) in bad {
                    let finite = move |x: T| match x {
                        x if x.is_nan() => T::zero(),
                        x if x.is_infinite() => bound * x.signum(),
                        x => x,
                    };
                    member.parameter.set_grad(Some(gradient.map(finite)));
                }
                Ok(true)
            }
        }
    }
}
