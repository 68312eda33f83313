//! Where a loader stands: the value that is saved, and the rules by which it moves.

use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::streams::STREAMS;

/// A loader's position, to be saved with a run and set when it is resumed.
///
/// `seed`, `epoch` and `batch` say where to go on; the other fields tell whether that place means the same samples in
/// the loader it is set on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoaderState {
    /// The seed that the epochs' orders are drawn from.
    pub seed: u64,
    /// The epoch of the next batch, counted from 0.
    pub epoch: u64,
    /// The next batch of that epoch, counted from 0.
    pub batch: usize,
    /// The number of samples in the dataset.
    pub samples: usize,
    /// The number of samples a batch.
    pub batch_size: usize,
    /// The sampler: its name, and for some a number that tells their settings apart.
    pub sampler: String,
}

impl LoaderState {
    /// Errors unless this position is one that a loader with the settings of `own` and `len` batches an epoch can have.
    pub(super) fn check_fits(&self, own: &Self, len: usize) -> Result<(), DataError> {
        let differs = |field, saved: String, own: String| Err(DataError::State { field, saved, own });
        if self.seed != own.seed {
            return differs("seed", self.seed.to_string(), own.seed.to_string());
        }
        if self.sampler != own.sampler {
            let saved = self.sampler.chars().take(40).collect::<String>().escape_debug().to_string();
            return differs("sampler", saved, own.sampler.clone());
        }
        if self.samples != own.samples {
            return differs("number of samples", self.samples.to_string(), own.samples.to_string());
        }
        if self.batch_size != own.batch_size {
            return differs("batch size", self.batch_size.to_string(), own.batch_size.to_string());
        }
        if self.batch >= len.max(1) {
            return differs("batch", self.batch.to_string(), format!("at most {}", len.saturating_sub(1)));
        }
        if self.epoch >= STREAMS {
            return differs("epoch", self.epoch.to_string(), format!("at most {}", STREAMS - 1));
        }
        Ok(())
    }
}

/// The next batch to be given out, and who may move it.
#[derive(Debug, Default)]
pub(super) struct Position {
    epoch: u64,
    batch: usize,
    /// Whether an iterator has begun this epoch here, so that the next iterator begins the one after it.
    begun: bool,
    /// Which iterator, or call of [`set`](Self::set), came last.
    ticket: u64,
}

impl Position {
    /// The epoch and batch to be given out next.
    pub(super) fn next(&self) -> (u64, usize) {
        (self.epoch, self.batch)
    }

    /// Begins an epoch for a new iterator: its ticket, and the epoch and batch at which it starts.
    pub(super) fn begin(&mut self) -> (u64, u64, usize) {
        if self.begun {
            (self.epoch, self.batch) = (self.epoch + 1, 0);
        }
        self.begun = true;
        self.ticket += 1;
        (self.ticket, self.epoch, self.batch)
    }

    /// The iterator that holds `ticket` has given out the batches of `epoch` before `next`, of `len` in all.
    pub(super) fn gave_out(&mut self, ticket: u64, epoch: u64, next: usize, len: usize) {
        if ticket != self.ticket {
            return;
        }
        if next < len {
            self.batch = next;
        } else {
            (self.epoch, self.batch, self.begun) = (epoch + 1, 0, false);
        }
    }

    /// Makes the next iterator start at `batch` of `epoch`.
    pub(super) fn set(&mut self, epoch: u64, batch: usize) {
        self.ticket += 1;
        (self.epoch, self.batch, self.begun) = (epoch, batch, false);
    }
}
