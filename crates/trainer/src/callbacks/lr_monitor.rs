//! The learning rate over the steps.

use super::{Callback, Control, Event};
use crate::step::StepError;

/// Logs `lr` after every so many steps; of several groups `lr_0`, `lr_1` and so on.
#[derive(Clone, Copy, Debug)]
pub struct LrMonitor {
    every: u64,
}

impl LrMonitor {
    /// Logs after every `steps` steps, at least 1.
    pub fn every(steps: u64) -> Self {
        Self { every: steps.max(1) }
    }
}

impl Callback for LrMonitor {
    fn name(&self) -> &str {
        "lr-monitor"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        let Event::StepEnd(step) = event else { return Ok(()) };
        if !step.step.is_multiple_of(self.every) {
            return Ok(());
        }
        let rates: Vec<f64> = control.optimizer.algorithms().iter().map(|algorithm| algorithm.lr()).collect();
        match rates[..] {
            [_] => control.log_metric("lr", step.lr)?,
            _ => {
                for (group, lr) in rates.into_iter().enumerate() {
                    control.log_metric(&format!("lr_{group}"), lr)?;
                }
            }
        }
        Ok(())
    }
}
