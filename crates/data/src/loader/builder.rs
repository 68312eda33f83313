//! A loader's settings.

use std::sync::{Arc, Mutex};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::loader::DataLoader;
use crate::loader::state::Position;
use crate::loader::workers::{self, Start};
use crate::samplers::Sampler;

/// Settings of a [`DataLoader`], made by [`DataLoader::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct DataLoaderBuilder<D: Dataset> {
    dataset: D,
    batch_size: usize,
    drop_last: bool,
    sampler: Sampler,
    seed: u64,
    workers: usize,
    prefetch: usize,
    start: Option<Start<D>>,
}

impl<D: Dataset> DataLoaderBuilder<D> {
    pub(super) fn new(dataset: D) -> Self {
        let sampler = Sampler::Sequential;
        Self { dataset, batch_size: 1, drop_last: false, sampler, seed: 0, workers: 0, prefetch: 2, start: None }
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

    /// How many threads read batches ahead (default 0: each is read when it is asked for). They live as long as an
    /// iterator.
    pub fn workers(mut self, workers: usize) -> Self
    where
        D: 'static,
        D::Batch: 'static,
    {
        self.workers = workers;
        self.start = Some(workers::start);
        self
    }

    /// How many batches each worker may be ahead (default 2, at least 1).
    pub fn prefetch(mut self, batches: usize) -> Self {
        self.prefetch = batches.max(1);
        self
    }

    /// The loader, before epoch 0.
    ///
    /// # Errors
    /// If the batch size is 0, or the sampler is not one of the dataset.
    pub fn build(self) -> Result<DataLoader<D>, DataError> {
        if self.batch_size == 0 {
            return Err(DataError::Setting { name: "batch_size", value: "0".into(), cure: "give at least 1" });
        }
        self.sampler.check(self.dataset.len())?;
        Ok(DataLoader {
            samples: self.dataset.len(),
            dataset: Arc::new(self.dataset),
            batch_size: self.batch_size,
            drop_last: self.drop_last,
            sampler: self.sampler,
            seed: self.seed,
            position: Mutex::new(Position::default()),
            workers: self.workers,
            prefetch: self.prefetch,
            start: self.start,
        })
    }
}
