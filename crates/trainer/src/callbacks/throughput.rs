//! How fast training is.

use std::time::Instant;

use super::{Callback, Control, Event};
use crate::step::StepError;

/// Logs `samples_per_second` and `step_ms`, means over every so many steps.
#[derive(Clone, Copy, Debug)]
pub struct Throughput {
    every: u64,
    since: Option<Instant>,
    steps: u64,
    samples: u64,
}

impl Throughput {
    /// Logs after every `steps` steps, at least 1.
    pub fn every(steps: u64) -> Self {
        Self { every: steps.max(1), since: None, steps: 0, samples: 0 }
    }
}

impl Callback for Throughput {
    fn name(&self) -> &str {
        "throughput"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        match event {
            // Validation and what comes between epochs is not training.
            Event::EpochStart { .. } | Event::ValidationEnd(_) => {
                (self.since, self.steps, self.samples) = (Some(Instant::now()), 0, 0);
            }
            Event::StepEnd(step) => {
                self.steps += 1;
                self.samples += step.samples;
                if let Some(since) = self.since.filter(|_| self.steps >= self.every) {
                    let seconds = since.elapsed().as_secs_f64();
                    control.log_metric("samples_per_second", self.samples as f64 / seconds)?;
                    control.log_metric("step_ms", seconds * 1e3 / self.steps as f64)?;
                    (self.since, self.steps, self.samples) = (Some(Instant::now()), 0, 0);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
