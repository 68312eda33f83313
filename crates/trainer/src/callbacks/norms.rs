//! How large gradients and weights are.

use gradus_autograd::Param;
use gradus_tensor::Tensor;

use super::{Callback, Control, Event};
use crate::step::StepError;

/// What [`Norms`] logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichNorms {
    /// Those of all parameters together: `grad_norm` and `weight_norm`.
    Total,
    /// Also those of each: `grad_norm/layers.0.weight`, `weight_norm/layers.0.weight`.
    Each,
}

/// Logs the 2-norms of gradients, before clipping, and of weights every so many steps.
#[derive(Clone, Copy, Debug)]
pub struct Norms {
    every: u64,
    which: WhichNorms,
}

impl Norms {
    /// Logs after every `steps` steps, at least 1.
    pub fn every(steps: u64, which: WhichNorms) -> Self {
        Self { every: steps.max(1), which }
    }

    fn log(self, name: &str, control: &mut Control<'_>, of: fn(&Param) -> Option<Tensor>) -> Result<(), StepError> {
        let mut total = 0.0;
        for (parameter_name, parameter) in control.parameters {
            let Some(tensor) = of(parameter) else { continue };
            let squares = tensor.view().iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
            total += squares;
            if self.which == WhichNorms::Each {
                control.log_metric(&format!("{name}/{parameter_name}"), squares.sqrt())?;
            }
        }
        Ok(control.log_metric(name, total.sqrt())?)
    }
}

impl Callback for Norms {
    fn name(&self) -> &str {
        "norms"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        // The step that these gradients are of is not taken yet.
        if let Event::BackwardEnd = event
            && (control.step + 1).is_multiple_of(self.every)
        {
            self.log("grad_norm", control, Param::grad)?;
            self.log("weight_norm", control, |parameter| Some(parameter.value()))?;
        }
        Ok(())
    }
}
