//! The hyper-parameters of L-BFGS.

use serde::{Deserialize, Serialize};

use crate::error::OptimError;

/// L-BFGS, as [torch.optim.LBFGS] has it (Nocedal and Wright, algorithm 7.5): steps along the gradient times an inverse
/// Hessian that the last `history_size` pairs of steps and changes of the gradient tell. Run it by
/// [`LbfgsOptimizer`](crate::LbfgsOptimizer).
///
/// Keeps `2 history_size + 2` numbers for each one of the parameters: 808 bytes in f32 with the default history.
///
/// [torch.optim.LBFGS]: https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lbfgs {
    /// The length of a step in directions, or of the first trial of a line search.
    pub lr: f64,
    /// The most directions taken in a step.
    pub max_iter: u64,
    /// The most evaluations of the loss in a step; `max_iter * 5 / 4` where none.
    pub max_eval: Option<u64>,
    /// A step ends where no element of the gradient is larger.
    pub tolerance_grad: f64,
    /// A step ends where parameters or loss change by less.
    pub tolerance_change: f64,
    /// The pairs that the inverse Hessian is made of.
    pub history_size: usize,
    /// How far each direction is followed; by `lr` where none.
    pub line_search_fn: Option<LineSearch>,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// How far [`Lbfgs`] follows a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineSearch {
    /// To where the loss has fallen enough and is flat enough (the strong Wolfe conditions, 1e-4 and 0.9).
    StrongWolfe,
}

/// PyTorch's: lr 1, 20 directions a step, tolerances 1e-7 and 1e-9, a history of 100, no line search.
impl Default for Lbfgs {
    fn default() -> Self {
        Self {
            lr: 1.0,
            max_iter: 20,
            max_eval: None,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            history_size: 100,
            line_search_fn: None,
            maximize: false,
        }
    }
}

impl Lbfgs {
    /// The name that messages use.
    pub const NAME: &'static str = "lbfgs";

    /// Checks the hyper-parameters.
    ///
    /// # Errors
    /// The first that the algorithm cannot work with.
    pub fn check(&self) -> Result<(), OptimError> {
        let fault = |name, value, needed| OptimError::Hyperparameter { algorithm: Self::NAME, name, value, needed };
        let numbers =
            [("lr", self.lr), ("tolerance_grad", self.tolerance_grad), ("tolerance_change", self.tolerance_change)];
        for (name, value) in numbers {
            if !(value.is_finite() && value >= 0.0) {
                return Err(fault(name, value, "a finite number of at least 0"));
            }
        }
        if self.history_size == 0 {
            return Err(fault("history_size", 0.0, "at least 1"));
        }
        Ok(())
    }

    pub(super) fn max_eval(&self) -> u64 {
        self.max_eval.unwrap_or(self.max_iter * 5 / 4)
    }
}
