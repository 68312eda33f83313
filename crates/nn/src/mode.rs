//! Whether a layer trains or is evaluated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The training mode of one layer, as a field of it; on at first. Layers that behave the same in both have none.
#[derive(Debug)]
pub struct Mode {
    training: Arc<AtomicBool>,
}

impl Mode {
    /// Training.
    pub fn new() -> Self {
        Self { training: Arc::new(AtomicBool::new(true)) }
    }

    /// Whether the layer trains.
    pub fn is_training(&self) -> bool {
        self.training.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, training: bool) {
        self.training.store(training, Ordering::Relaxed);
    }

    /// Another handle of the same layer's mode.
    pub(crate) fn handle(&self) -> Self {
        Self { training: self.training.clone() }
    }
}

impl Default for Mode {
    fn default() -> Self {
        Self::new()
    }
}

/// Evaluation for as long as this lives; then every layer gets back the mode it had of its own.
#[must_use = "evaluation ends when the guard is dropped"]
#[derive(Debug)]
pub struct EvalGuard {
    before: Vec<(Mode, bool)>,
}

impl EvalGuard {
    pub(crate) fn new(modes: Vec<Mode>) -> Self {
        let before = modes.into_iter().map(|mode| (mode.handle(), mode.is_training())).collect();
        let guard = Self { before };
        guard.before.iter().for_each(|(mode, _)| mode.set(false));
        guard
    }
}

impl Drop for EvalGuard {
    fn drop(&mut self) {
        for (mode, training) in &self.before {
            mode.set(*training);
        }
    }
}
