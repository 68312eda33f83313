//! A loader's settings.

use std::sync::{Arc, Mutex};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::loader::DataLoader;
use crate::loader::state::Position;
use crate::samplers::Sampler;

/// Settings of a [`DataLoader`], made by [`DataLoader::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct DataLoaderBuilder<D> {
    dataset: D,
    batch_size: usize,
    drop_last: bool,
    sampler: Sampler,
    seed: u64,
}

impl<D: Dataset> DataLoaderBuilder<D> {
    pub(super) fn new(dataset: D) -> Self {
        Self { dataset, batch_size: 1, drop_last: false, sampler: Sampler::Sequential, seed: 0 }
    }

    /// The number of samples a batch (default 1).
    pub fn batch_size(mut self, samples: usize) -> Self {
        self.batch_size = samples;
        self
    }

    /// Whether each epoch has a random order of its own (default no): [`Sampler::Random`] or [`Sampler::Sequential`].
    pub fn shuffle(self, shuffle: bool) -> Self {
        self.sampler(if shuffle { Sampler::Random } else { Sampler::Sequential })
    }

    /// The order of each epoch (default [`Sampler::Sequential`]).
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = sampler;
        self
    }

    /// Whether a last batch with fewer samples than the others is left out (default no).
    pub fn drop_last(mut self, drop_last: bool) -> Self {
        self.drop_last = drop_last;
        self
    }

    /// What the order of the epochs is drawn from (default 0).
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The loader, before epoch 0.
    ///
    /// # Errors
    /// If the batch size is 0.
    pub fn build(self) -> Result<DataLoader<D>, DataError> {
        if self.batch_size == 0 {
            return Err(DataError::Setting { name: "batch_size", value: "0".into(), cure: "give at least 1" });
        }
        Ok(DataLoader {
            samples: self.dataset.len(),
            dataset: Arc::new(self.dataset),
            batch_size: self.batch_size,
            drop_last: self.drop_last,
            sampler: self.sampler,
            seed: self.seed,
            position: Mutex::new(Position::default()),
        })
    }
}
