//! No progress shown.

use super::{BatchProgress, EpochReport, Progress};

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn epoch_started(&mut self, _: u64, _: u64, _: u64, _: u64) {}

    fn batch_done(&mut self, _: &BatchProgress) {}

    fn epoch_done(&mut self, _: &EpochReport) {}

    fn message(&mut self, _: &str) {}

    fn finished(&mut self) {}
}
