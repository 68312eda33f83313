//! The loader: `for batch in &loader`, one epoch each time, and a position that can be saved and set.

mod builder;
pub(crate) mod state;
mod workers;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use builder::DataLoaderBuilder;

use crate::dataset::{Dataset, Epoch};
use crate::error::DataError;
use crate::loader::state::{LoaderState, Position};
use crate::loader::workers::{Fetching, Start, Work};
use crate::samplers::Sampler;

/// Gives out a dataset in batches, an epoch for each `for batch in &loader`.
///
/// # Epochs
/// - Every iterator begins a new epoch: the first epoch 0, the next epoch 1, also where the one before it was dropped
///   before its end. Only the first iterator after [`set_state`](Self::set_state) goes on at exactly that batch.
/// - The order of an epoch depends on the seed, the epoch and the number of samples alone. Iterating one loader never
///   changes another's order.
/// - [`state`](Self::state) names the next batch to be given out; once the epoch's last batch is given out, the first
///   one of the next epoch. A batch that failed counts as given out only when a later one is.
/// - Of two iterators that live at the same time, the newer one moves the loader's position.
///
/// ```
/// use gradus_data::{DataLoader, TensorDataset};
/// use gradus_tensor::Tensor;
///
/// let dataset = TensorDataset::new(Tensor::zeros([10, 1]), Tensor::arange(10))?;
/// let loader = DataLoader::builder(dataset).batch_size(3).shuffle(true).seed(7).build()?;
/// assert_eq!(loader.len(), 4); // 3 + 3 + 3 + 1 samples
///
/// for batch in &loader { // epoch 0
///     batch?;
/// }
/// let position = |state: gradus_data::LoaderState| (state.epoch, state.batch);
/// assert_eq!(position(loader.state()), (1, 0));
///
/// let mut epoch = loader.iter(); // epoch 1
/// epoch.next();
/// let saved = loader.state();
/// assert_eq!(position(saved.clone()), (1, 1));
/// let rest: Vec<_> = epoch.collect::<Result<_, _>>()?;
///
/// loader.set_state(&saved)?; // here or in another process
/// assert_eq!(loader.iter().collect::<Result<Vec<_>, _>>()?, rest);
///
/// loader.iter().next(); // epoch 2, left after a batch
/// loader.iter(); // epoch 3
/// assert_eq!(position(loader.state()), (3, 0));
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Workers
/// With [`workers`](DataLoaderBuilder::workers) threads read batches ahead. Batches, their order and their bits are the
/// same for any number; the saved position is that of what was given out. A panic of the dataset arrives as an error
/// that names the sample; any error ends the epoch's workers, and the iterator. Dropping the iterator ends them too.
#[derive(Debug)]
pub struct DataLoader<D: Dataset> {
    dataset: Arc<D>,
    /// The dataset's length when the loader was built.
    samples: usize,
    batch_size: usize,
    drop_last: bool,
    sampler: Sampler,
    seed: u64,
    position: Mutex<Position>,
    workers: usize,
    prefetch: usize,
    /// Starts workers; only where the dataset can be shared with threads.
    start: Option<Start<D>>,
}

impl<D: Dataset> DataLoader<D> {
    /// A loader of `dataset` with PyTorch's defaults: batches of 1, not shuffled, a short last batch kept; seed 0.
    pub fn builder(dataset: D) -> DataLoaderBuilder<D> {
        DataLoaderBuilder::new(dataset)
    }

    /// The number of batches an epoch has.
    pub fn len(&self) -> usize {
        let samples = self.sampler.len(self.samples);
        if self.drop_last { samples / self.batch_size } else { samples.div_ceil(self.batch_size) }
    }

    /// Whether an epoch has no batch: there are no samples, or too few for one batch where a short one is dropped.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of samples in each batch but perhaps the last.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The dataset.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// An epoch's batches, or those left of it after [`set_state`](Self::set_state).
    pub fn iter(&self) -> Batches<'_, D> {
        let (ticket, epoch, batch) = self.position().begin();
        let order = self.sampler.order(self.samples, self.seed, epoch);
        let mut batches =
            Batches { loader: self, ticket, epoch, order, next: batch, len: self.len(), ahead: None, is_broken: false };
        if let Some(start) = self.start.filter(|_| self.workers > 0 && batch < self.len()) {
            batches.ahead = Some(start(Work {
                dataset: self.dataset.clone(),
                epoch: Epoch { seed: self.seed, epoch },
                order: std::mem::take(&mut batches.order),
                batch_size: self.batch_size,
                first: batch,
                end: self.len(),
                workers: self.workers,
                prefetch: self.prefetch,
            }));
        }
        batches
    }

    /// Where the loader stands: which batch it gives out next.
    pub fn state(&self) -> LoaderState {
        let (epoch, batch) = self.position().next();
        LoaderState {
            seed: self.seed,
            epoch,
            batch,
            samples: self.samples,
            batch_size: self.batch_size,
            sampler: self.sampler.described(),
        }
    }

    /// Makes the next iterator go on exactly where `state` was taken. An iterator that lives already gives out its
    /// epoch's batches, but moves the loader's position no more.
    ///
    /// # Errors
    /// If the state was taken from a loader with another seed, sampler, batch size or number of samples, or names a
    /// batch that no epoch has.
    pub fn set_state(&self, state: &LoaderState) -> Result<(), DataError> {
        state.check_fits(&self.state(), self.len())?;
        self.position().set(state.epoch, state.batch);
        Ok(())
    }

    fn position(&self) -> MutexGuard<'_, Position> {
        // Every change of the position is one that leaves it valid, so a panic elsewhere does no harm.
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a, D: Dataset> IntoIterator for &'a DataLoader<D> {
    type Item = Result<D::Batch, DataError>;
    type IntoIter = Batches<'a, D>;

    fn into_iter(self) -> Batches<'a, D> {
        self.iter()
    }
}

/// The batches of one epoch.
#[derive(Debug)]
pub struct Batches<'a, D: Dataset> {
    loader: &'a DataLoader<D>,
    /// What [`Position::begin`] gave; only the newest iterator moves the position.
    ticket: u64,
    epoch: u64,
    order: Vec<usize>,
    next: usize,
    len: usize,
    /// Where workers read: the order is theirs then.
    ahead: Option<Fetching<D::Batch>>,
    /// Whether an error ended the workers before the epoch's end.
    is_broken: bool,
}

impl<D: Dataset> Batches<'_, D> {
    /// The epoch, counted from 0.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Which of the epoch's batches comes next, counted from 0; the epoch's length when there is none.
    pub fn batch(&self) -> usize {
        self.next
    }
}

impl<D: Dataset> Iterator for Batches<'_, D> {
    type Item = Result<D::Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_broken {
            return None;
        }
        if self.next >= self.len {
            // The last batch moved the position already, unless it failed or there was none.
            self.loader.position().gave_out(self.ticket, self.epoch, self.len, self.len);
            return None;
        }
        let batch = match &mut self.ahead {
            Some(ahead) => ahead.next().expect("workers give every batch before the end"),
            None => self.read(),
        };
        self.next += 1;
        match &batch {
            Ok(_) => self.loader.position().gave_out(self.ticket, self.epoch, self.next, self.len),
            Err(_) if self.ahead.take().is_some() => (self.len, self.is_broken) = (self.next, true),
            Err(_) => {}
        }
        Some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.len - self.next;
        (left, Some(left))
    }
}

impl<D: Dataset> Batches<'_, D> {
    /// The next batch, read here.
    fn read(&self) -> Result<D::Batch, DataError> {
        let start = self.next * self.loader.batch_size;
        let end = start.saturating_add(self.loader.batch_size).min(self.order.len());
        let epoch = Epoch { seed: self.loader.seed, epoch: self.epoch };
        self.loader.dataset.get_batch(&self.order[start..end], epoch)
    }
}

impl<D: Dataset> ExactSizeIterator for Batches<'_, D> {}
impl<D: Dataset> std::iter::FusedIterator for Batches<'_, D> {}
