//! How weights and gradients are distributed.

use gradus_tensor::Tensor;

use super::{Callback, Control, Event};
use crate::step::StepError;
use crate::trackers::Histogram;

/// Logs a histogram of every parameter and of its gradient, `weights/NAME` and `gradients/NAME`, every so many steps,
/// to trackers that have them.
#[derive(Clone, Copy, Debug)]
pub struct Histograms {
    every: u64,
}

impl Histograms {
    /// Logs after every `steps` steps, at least 1.
    pub fn every(steps: u64) -> Self {
        Self { every: steps.max(1) }
    }
}

impl Callback for Histograms {
    fn name(&self) -> &str {
        "histograms"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        /// Bins enough to see two humps, and few enough for a picture.
        const BINS: usize = 64;
        let Event::BackwardEnd = event else { return Ok(()) };
        if !(control.step + 1).is_multiple_of(self.every) {
            return Ok(());
        }
        let of = |values: &Tensor| Histogram::of(values.view().iter().map(|&x| f64::from(x)), BINS);
        let (experiment, parameters) = (control.trackers().experiment(), control.parameters);
        for (name, parameter) in parameters {
            experiment.log_histogram(&format!("weights/{name}"), of(&parameter.value()));
            if let Some(gradient) = parameter.grad() {
                experiment.log_histogram(&format!("gradients/{name}"), of(&gradient));
            }
        }
        Ok(())
    }
}
