//! Workers: the same batches for any number of them, and nothing of them left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gradus_data::{DataError, DataLoader, Dataset, Epoch, LoaderState};
use proptest::prelude::*;

/// Samples with a random number of their own each; some take longer, and one may fail.
#[derive(Clone)]
struct Samples {
    count: usize,
    fails: Option<(usize, bool)>,
    alive: Arc<AtomicUsize>,
}

impl Samples {
    fn new(count: usize) -> Self {
        Self { count, fails: None, alive: Arc::default() }
    }
}

impl Dataset for Samples {
    type Batch = Vec<(usize, u64)>;

    fn len(&self) -> usize {
        self.count
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<Self::Batch, DataError> {
        self.alive.fetch_add(1, Ordering::SeqCst);
        if indices.first().is_some_and(|i| i % 7 == 3) {
            std::thread::sleep(Duration::from_micros(200));
        }
        let batch = indices.iter().map(|&i| (i, epoch.generator(i).next_unit().to_bits())).collect();
        self.alive.fetch_sub(1, Ordering::SeqCst);
        match self.fails.filter(|(bad, _)| indices.contains(bad)) {
            Some((_, true)) => panic!("on purpose"),
            Some((bad, false)) => Err(DataError::Index { index: bad, len: self.count }),
            None => Ok(batch),
        }
    }
}

fn loader(samples: Samples, batch_size: usize, workers: usize) -> DataLoader<Samples> {
    let builder = DataLoader::builder(samples).batch_size(batch_size).shuffle(true).seed(9).workers(workers);
    builder.prefetch(3).build().unwrap()
}

/// The batches from a state on, as many as asked for, and where the loader stands then.
fn some(build: &dyn Fn(usize) -> DataLoader<Samples>, workers: usize, from: &LoaderState, batches: usize) -> Part {
    let loader = build(workers);
    loader.set_state(from).unwrap();
    let mut taken = Vec::new();
    while taken.len() < batches {
        taken.extend(loader.iter().take(batches - taken.len()).map(Result::unwrap));
    }
    Part { taken, then: loader.state() }
}

struct Part {
    taken: Vec<Vec<(usize, u64)>>,
    then: LoaderState,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Each sample once an epoch, in the same order with the same random numbers, whatever the workers, wherever the
    /// run was cut, and by how many workers it was gone on with.
    #[test]
    fn each_sample_comes_once_an_epoch_for_any_workers_and_cuts(
        count in 1usize..60,
        batch_size in 1usize..9,
        drop_last: bool,
        cuts in prop::collection::vec((1usize..12, 0usize..4), 1..5),
    ) {
        prop_assume!(!drop_last || count >= batch_size);
        let build = |workers: usize| {
            let builder = DataLoader::builder(Samples::new(count)).batch_size(batch_size).drop_last(drop_last);
            builder.shuffle(true).seed(3).workers(workers).build().unwrap()
        };
        let (mut parts, mut state) = (Vec::new(), build(0).state());
        for (batches, workers) in cuts {
            let part = some(&build, [0, 1, 2, 8][workers], &state, batches);
            parts.extend(part.taken);
            state = part.then;
        }
        let whole = some(&build, 0, &build(0).state(), parts.len());
        prop_assert_eq!(&parts, &whole.taken);
        prop_assert_eq!(&state, &whole.then);
        let epoch: Vec<_> = build(2).iter().map(Result::unwrap).collect();
        let mut seen: Vec<usize> = epoch.iter().flatten().map(|(i, _)| *i).collect();
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), if drop_last { count / batch_size * batch_size } else { count });
    }
}

#[test]
fn an_error_or_a_panic_names_the_sample_and_ends_the_epoch() {
    for panics in [false, true] {
        let samples = Samples { fails: Some((17, panics)), ..Samples::new(40) };
        let loader = loader(samples, 4, 3);
        let read: Vec<_> = loader.iter().collect();
        let (last, before) = read.split_last().unwrap();
        assert!(before.iter().all(Result::is_ok) && before.len() < 10);
        let message = last.as_ref().unwrap_err().to_string();
        assert!(message.contains("sample 17"), "{message}");
        assert_eq!(message.contains("the dataset panicked (on purpose)"), panics, "{message}");
        // The position is behind what was given out, so that whoever goes on meets the same sample.
        assert_eq!(loader.state().batch, before.len());
        assert!(loader.iter().count() <= 10);
    }
}

#[test]
fn an_iterator_that_is_dropped_leaves_no_thread_and_reads_no_more() {
    let samples = Samples::new(10_000);
    let (alive, loader) = (samples.alive.clone(), loader(samples, 2, 8));
    for taken in [0, 1, 5] {
        let mut batches = loader.iter();
        (0..taken).for_each(|_| drop(batches.next().unwrap().unwrap()));
        drop(batches);
        // Joined: nobody is in the dataset, and nobody holds it.
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        assert_eq!(Arc::strong_count(&alive), 2);
    }
}

#[test]
fn the_next_epoch_is_another_and_reading_another_loader_changes_nothing() {
    let (a, b) = (loader(Samples::new(30), 4, 2), loader(Samples::new(30), 4, 0));
    let validation = loader(Samples::new(12), 5, 1);
    let mut epochs = Vec::new();
    for _ in 0..3 {
        epochs.push(a.iter().map(Result::unwrap).collect::<Vec<_>>());
        validation.iter().for_each(|batch| drop(batch.unwrap()));
        assert_eq!(b.iter().map(Result::unwrap).collect::<Vec<_>>(), *epochs.last().unwrap());
    }
    assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
}
