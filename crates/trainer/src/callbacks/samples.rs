//! What the model says of a few samples, epoch by epoch.

use super::{Callback, Control, Event};
use crate::step::StepError;

/// Logs a text at the end of every epoch: what a function of your own writes of the model's predictions. It holds the
/// model, which shares its parameters with the one that is trained.
pub struct SamplePredictions<F> {
    write: F,
}

impl<F: FnMut() -> Result<String, StepError> + Send> SamplePredictions<F> {
    /// Logs what `write` returns as the text `predictions`.
    pub fn new(write: F) -> Self {
        Self { write }
    }
}

impl<F: FnMut() -> Result<String, StepError> + Send> Callback for SamplePredictions<F> {
    fn name(&self) -> &str {
        "sample-predictions"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        if let Event::EpochEnd(_) = event {
            let text = (self.write)()?;
            control.trackers().experiment().log_text("predictions", &text);
        }
        Ok(())
    }
}
