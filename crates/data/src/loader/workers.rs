//! Reading ahead: threads that ask the dataset for coming batches, which are given out in their order.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::dataset::{Dataset, Epoch};
use crate::error::DataError;

/// An epoch's batches for workers.
pub(super) struct Work<D> {
    pub(super) dataset: Arc<D>,
    pub(super) epoch: Epoch,
    pub(super) order: Vec<usize>,
    pub(super) batch_size: usize,
    /// The batches to be read.
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) workers: usize,
    /// How many batches each worker may be ahead of what was given out.
    pub(super) prefetch: usize,
}

/// [`start`], for a dataset that can be shared with threads.
pub(super) type Start<D> = fn(Work<D>) -> Fetching<<D as Dataset>::Batch>;

impl<D: Dataset> Work<D> {
    /// The samples of batch `index`.
    fn samples(&self, index: usize) -> &[usize] {
        let start = index * self.batch_size;
        &self.order[start..start.saturating_add(self.batch_size).min(self.order.len())]
    }

    /// Batch `index`; a panic of the dataset is an error that names the sample.
    fn read(&self, index: usize) -> Result<D::Batch, DataError> {
        let read = |samples: &[usize]| catch_unwind(AssertUnwindSafe(|| self.dataset.get_batch(samples, self.epoch)));
        let samples = self.samples(index);
        read(samples).unwrap_or_else(|panic| {
            // Which one it was: the first that fails by itself, else the batch's first.
            let culprit = samples.iter().find(|&&sample| !matches!(read(&[sample]), Ok(Ok(_))));
            let sample = culprit.or(samples.first()).copied().unwrap_or_default();
            Err(DataError::Panicked { batch: index, sample, message: message_of(panic.as_ref()) })
        })
    }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}

/// Which batch is taken next, and how far the workers may go.
struct Turn {
    next: usize,
    /// The first batch that must wait.
    limit: usize,
    end: usize,
}

struct Shared {
    turn: Mutex<Turn>,
    moved: Condvar,
}

impl Shared {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        // Every change of a turn is one that leaves it valid.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the next batch to be read, once it may be; none at the end.
    fn take(&self) -> Option<usize> {
        let mut turn = self.turn();
        while turn.next < turn.end && turn.next >= turn.limit {
            turn = self.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        let index = turn.next;
        (index < turn.end).then(|| {
            turn.next += 1;
            index
        })
    }
}

/// Reads the batch of a number.
type Read<B> = Box<dyn Fn(usize) -> Result<B, DataError> + Send>;

/// Batches that workers read, in order. Dropped, it ends the workers and waits for them.
pub(super) struct Fetching<B> {
    shared: Arc<Shared>,
    coming: Receiver<(usize, Result<B, DataError>)>,
    /// Those that came before their turn.
    early: BTreeMap<usize, Result<B, DataError>>,
    next: usize,
    threads: Vec<JoinHandle<()>>,
    /// Reads a batch here, where the system gives no thread.
    read: Option<Read<B>>,
}

impl<B> fmt::Debug for Fetching<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetching")
            .field("next", &self.next)
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}

/// Starts the workers. Where the system gives fewer threads than asked for, those do all; without any the batches are
/// read here, one at a time.
pub(super) fn start<D>(work: Work<D>) -> Fetching<D::Batch>
where
    D: Dataset + 'static,
    D::Batch: 'static,
{
    let (first, end) = (work.first, work.end);
    let limit = first.saturating_add(work.workers.saturating_mul(work.prefetch));
    let shared = Arc::new(Shared { turn: Mutex::new(Turn { next: first, limit, end }), moved: Condvar::new() });
    let (sender, coming) = mpsc::channel();
    let (workers, work) = (work.workers.min(end - first), Arc::new(work));
    let mut threads = Vec::new();
    for _ in 0..workers {
        let (shared, work, sender) = (shared.clone(), work.clone(), sender.clone());
        let run = move || read_all(&shared, &work, &sender);
        match thread::Builder::new().name("data".to_owned()).spawn(run) {
            Ok(thread) => threads.push(thread),
            Err(_) => break,
        }
    }
    let read = move |index| work.read(index);
    let read = threads.is_empty().then(|| Box::new(read) as Read<D::Batch>);
    Fetching { shared, coming, early: BTreeMap::new(), next: first, threads, read }
}

fn read_all<D: Dataset>(shared: &Shared, work: &Work<D>, sender: &Sender<(usize, Result<D::Batch, DataError>)>) {
    while let Some(index) = shared.take() {
        if sender.send((index, work.read(index))).is_err() {
            return; // nobody wants it any more
        }
    }
}

impl<B> Fetching<B> {
    /// The next batch, once it is there.
    pub(super) fn next(&mut self) -> Option<Result<B, DataError>> {
        if let Some(read) = &self.read {
            self.next += 1;
            return Some(read(self.next - 1));
        }
        let batch = loop {
            if let Some(batch) = self.early.remove(&self.next) {
                break batch;
            }
            // All senders are gone at the end, when all has come.
            let (index, batch) = self.coming.recv().ok()?;
            self.early.insert(index, batch);
        };
        self.next += 1;
        let mut turn = self.shared.turn();
        turn.limit = turn.limit.saturating_add(1);
        drop(turn);
        self.shared.moved.notify_one();
        Some(batch)
    }
}

impl<B> Drop for Fetching<B> {
    fn drop(&mut self) {
        self.shared.turn().end = 0;
        self.shared.moved.notify_all();
        for thread in self.threads.drain(..) {
            // A worker catches the dataset's panics, and has none of its own.
            let _ = thread.join();
        }
    }
}
