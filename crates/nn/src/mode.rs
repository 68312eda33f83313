//! Whether a layer trains or is evaluated.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The training mode of one layer, as a field of it; on at first. Layers that behave the same in both have none.
#[derive(Debug)]
pub struct Mode {
    kind: Arc<AtomicU8>,
}

const EVALUATION: u8 = 0;
const TRAINING: u8 = 1;
/// Training, where running statistics become the plain means of what comes.
const GATHERING: u8 = 2;

impl Mode {
    /// Training.
    pub fn new() -> Self {
        Self { kind: Arc::new(AtomicU8::new(TRAINING)) }
    }

    /// Whether the layer trains.
    pub fn is_training(&self) -> bool {
        self.kind.load(Ordering::Relaxed) != EVALUATION
    }

    /// Whether running statistics are to be plain means ([`Module::gather_statistics`](crate::Module)).
    pub(crate) fn is_gathering(&self) -> bool {
        self.kind.load(Ordering::Relaxed) == GATHERING
    }

    pub(crate) fn set(&self, training: bool) {
        self.kind.store(if training { TRAINING } else { EVALUATION }, Ordering::Relaxed);
    }

    /// Another handle of the same layer's mode.
    pub(crate) fn handle(&self) -> Self {
        Self { kind: self.kind.clone() }
    }
}

impl Default for Mode {
    fn default() -> Self {
        Self::new()
    }
}

/// Another mode for as long as this lives; then every layer gets back the mode it had of its own.
#[must_use = "the mode ends when the guard is dropped"]
#[derive(Debug)]
pub struct ModeGuard {
    before: Vec<(Mode, u8)>,
}

impl ModeGuard {
    pub(crate) fn evaluation(modes: Vec<Mode>) -> Self {
        Self::of(modes, EVALUATION)
    }

    pub(crate) fn gathering(modes: Vec<Mode>) -> Self {
        Self::of(modes, GATHERING)
    }

    fn of(modes: Vec<Mode>, kind: u8) -> Self {
        let before = modes.into_iter().map(|mode| {
            let before = mode.kind.swap(kind, Ordering::Relaxed);
            (mode, before)
        });
        Self { before: before.collect() }
    }
}

impl Drop for ModeGuard {
    fn drop(&mut self) {
        // From the last: a mode that is there twice was first as it was before.
        for (mode, kind) in self.before.iter().rev() {
            mode.kind.store(*kind, Ordering::Relaxed);
        }
    }
}
