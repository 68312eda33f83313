//! Stopping when nothing improves any more.

use serde::{Deserialize, Serialize};

use super::{Callback, Control, Event};
use crate::checkpoint::codec;
use crate::monitor::Monitor;
use crate::step::StepError;

/// Stops training when a number has not improved for so many epochs (Lightning's `EarlyStopping`, whose patience is 3).
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: u64,
    min_delta: f64,
    seen: Seen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    best: Option<f64>,
    /// Epochs since then.
    waited: u64,
}

impl EarlyStopping {
    /// Stops after `patience` epochs in a row without improvement.
    pub fn new(monitor: Monitor, patience: u64) -> Self {
        Self { monitor, patience, min_delta: 0.0, seen: Seen::default() }
    }

    /// Less than this is no improvement (default 0).
    pub fn with_min_delta(mut self, min_delta: f64) -> Self {
        self.min_delta = min_delta;
        self
    }

    /// The best value so far.
    pub fn best(&self) -> Option<f64> {
        self.seen.best
    }
}

impl Callback for EarlyStopping {
    fn name(&self) -> &str {
        "early-stopping"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        let Event::EpochEnd(epoch) = event else { return Ok(()) };
        // An epoch without validation says nothing.
        let Some(value) = self.monitor.of(epoch) else { return Ok(()) };
        if self.monitor.is_better(value, self.seen.best, self.min_delta) {
            self.seen = Seen { best: Some(value), waited: 0 };
            return Ok(());
        }
        self.seen.waited += 1;
        if self.seen.waited >= self.patience {
            let best = self.seen.best.map_or_else(String::new, |best| format!(" than {best:.4}"));
            control.stop(format!("the {} has not got better{best} for {} epochs", self.monitor.name(), self.patience));
        }
        Ok(())
    }

    fn state(&self) -> Vec<u8> {
        codec::encode(&self.seen)
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), StepError> {
        self.seen = codec::decode(state, "early stopping")?;
        Ok(())
    }
}
