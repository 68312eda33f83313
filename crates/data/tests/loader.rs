//! The loader's promises: every sample once an epoch, the order from the seed alone, resumed at any batch bit for bit.

mod fixtures;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fixtures::numbers;
use gradus_data::{Batch, DataError, DataLoader, Dataset, Epoch, LoaderState, Subset, TensorDataset};
use proptest::prelude::*;

fn loader(samples: usize, batch_size: usize, seed: u64) -> DataLoader<TensorDataset> {
    DataLoader::builder(numbers(samples)).batch_size(batch_size).shuffle(true).seed(seed).build().unwrap()
}

/// The batches of the loader's next epoch.
fn epoch<D: Dataset<Batch = Batch>>(loader: &DataLoader<D>) -> Vec<Batch> {
    loader.iter().collect::<Result<_, _>>().unwrap()
}

/// The samples of the loader's next epoch, in order.
fn order<D: Dataset<Batch = Batch>>(loader: &DataLoader<D>) -> Vec<i64> {
    epoch(loader).iter().flat_map(|batch| batch.targets.to_vec()).collect()
}

fn position<D: Dataset>(loader: &DataLoader<D>) -> (u64, usize) {
    let state = loader.state();
    (state.epoch, state.batch)
}

#[test]
fn every_sample_comes_once_an_epoch() {
    for samples in [0, 1, 2, 7, 64, 100] {
        for batch_size in [1, 2, 3, 64, 99, 100, 101, usize::MAX] {
            let kept = loader(samples, batch_size, 0);
            let build = |shuffle| DataLoader::builder(numbers(samples)).batch_size(batch_size).shuffle(shuffle);
            let dropped = build(true).drop_last(true).build().unwrap();
            assert_eq!(order(&build(false).build().unwrap()), (0..samples as i64).collect::<Vec<_>>());
            for _ in 0..3 {
                let batches = epoch(&kept);
                assert_eq!(batches.len(), kept.len());
                assert!(batches.iter().rev().skip(1).all(|batch| batch.len() == batch_size), "only the last is short");
                let mut all: Vec<i64> = batches.iter().flat_map(|batch| batch.targets.to_vec()).collect();
                all.sort_unstable();
                assert_eq!(all, (0..samples as i64).collect::<Vec<_>>(), "{samples} in batches of {batch_size}");

                let full: Vec<Batch> = batches.into_iter().filter(|batch| batch.len() == batch_size).collect();
                assert_eq!(dropped.len(), samples / batch_size);
                assert_eq!(epoch(&dropped), full, "dropping the short batch changes no other");
            }
        }
    }
}

#[test]
fn the_seed_alone_decides_the_order() {
    let (a, b, other) = (loader(100, 8, 1), loader(100, 8, 1), loader(100, 8, 2));
    let other_size = loader(100, 33, 1);
    let validation = DataLoader::builder(numbers(10)).build().unwrap();
    let mut seen = HashSet::new();
    for _ in 0..5 {
        let first = order(&a);
        order(&validation); // must not move `b`
        assert_eq!(first, order(&b));
        assert_eq!(first, order(&other_size), "the batch size only cuts the order");
        assert!(seen.insert(first) && seen.insert(order(&other)), "epochs and seeds differ");
    }
}

#[test]
fn every_iterator_begins_an_epoch() {
    let (whole, left_early) = (loader(10, 3, 0), loader(10, 3, 0));
    let epochs: Vec<_> = (0..5).map(|_| epoch(&whole)).collect();
    assert_eq!(position(&left_early), (0, 0));
    assert_eq!(left_early.iter().epoch(), 0);
    assert_eq!(position(&left_early), (0, 0), "nothing of epoch 0 was given out");
    let mut second = left_early.iter();
    assert_eq!(position(&left_early), (1, 0));
    assert_eq!(second.next().unwrap().unwrap(), epochs[1][0]);
    assert_eq!((position(&left_early), second.batch(), second.len()), ((1, 1), 1, 3));
    drop(second);
    let mut third = left_early.iter();
    for want in &epochs[2] {
        assert_eq!(&third.next().unwrap().unwrap(), want);
    }
    assert_eq!(position(&left_early), (3, 0), "the last batch ends the epoch, also where nobody asks for another");
    assert!(third.next().is_none() && third.next().is_none());
    assert_eq!(position(&left_early), (3, 0));
    assert_eq!(epoch(&left_early), epochs[3]);
}

#[test]
fn the_newest_iterator_moves_the_position() {
    let loader = loader(10, 2, 0);
    let mut old = loader.iter();
    old.next();
    let mut new = loader.iter();
    old.next();
    assert_eq!(position(&loader), (1, 0));
    new.next();
    assert_eq!(old.by_ref().count(), 3, "an older iterator still gives its whole epoch");
    assert_eq!(position(&loader), (1, 1));
    let state = loader.state();
    loader.set_state(&state).unwrap();
    new.next();
    assert_eq!(position(&loader), (1, 1), "set_state outdates the iterators before it");
    assert_eq!(loader.iter().len(), 4);
}

#[test]
fn an_epoch_resumes_at_every_batch() {
    for (samples, batch_size, drop_last, shuffle) in
        [(10, 3, false, true), (10, 3, true, true), (8, 4, false, true), (7, 10, false, true), (10, 3, false, false)]
    {
        let build = || {
            let builder = DataLoader::builder(numbers(samples)).batch_size(batch_size).seed(9);
            builder.shuffle(shuffle).drop_last(drop_last).build().unwrap()
        };
        let reference = build();
        let epochs: Vec<Vec<Batch>> = (0..4).map(|_| epoch(&reference)).collect();
        let running = build();
        for e in 0..3 {
            let mut iterator = running.iter();
            for b in 0..=running.len() {
                let saved = serde_json::to_string(&running.state()).unwrap();
                let state: LoaderState = serde_json::from_str(&saved).unwrap();
                let resumed = build();
                resumed.set_state(&state).unwrap();
                assert_eq!(resumed.state(), state);
                if b < running.len() {
                    assert_eq!(epoch(&resumed), epochs[e][b..], "epoch {e} from batch {b}");
                }
                assert_eq!(epoch(&resumed), epochs[e + 1], "the epoch after {e}");
                assert_eq!(iterator.next().is_none(), b == running.len());
            }
        }
    }
}

#[test]
fn a_position_of_another_loader_is_refused() {
    let good = loader(10, 3, 7);
    good.iter().next();
    let check = |change: fn(&mut LoaderState), want: &str| {
        let mut state = good.state();
        change(&mut state);
        let before = good.state();
        let message = good.set_state(&state).unwrap_err().to_string();
        assert_eq!(message, format!("the saved position's {want}; build the loader as it was when saved"));
        assert_eq!(good.state(), before, "a refused position changes nothing");
    };
    check(|s| s.seed = 8, "seed is 8 but this loader's is 7");
    check(|s| s.samples = 11, "number of samples is 11 but this loader's is 10");
    check(|s| s.batch_size = 4, "batch size is 4 but this loader's is 3");
    check(|s| s.sampler = "sequential".into(), "sampler is sequential but this loader's is random");
    check(|s| s.batch = 4, "batch is 4 but this loader's is at most 3");
    check(|s| s.batch = usize::MAX, "batch is 18446744073709551615 but this loader's is at most 3");
    check(|s| s.epoch = u64::MAX, "epoch is 18446744073709551615 but this loader's is at most 281474976710655");
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let message = DataLoader::builder(numbers(3)).batch_size(0).build().unwrap_err().to_string();
    assert_eq!(message, "batch_size = 0 makes no sense; give at least 1");
}

#[test]
fn an_epoch_without_batches_ends_at_once() {
    let empty = DataLoader::builder(numbers(3)).batch_size(4).drop_last(true).build().unwrap();
    assert!(empty.is_empty());
    for e in 0..3 {
        assert_eq!(position(&empty), (e, 0));
        let state = empty.state();
        empty.set_state(&state).unwrap();
        assert!(empty.iter().next().is_none());
    }
}

/// Numbers of which sample 5 cannot be read for a while.
struct Flaky {
    numbers: TensorDataset,
    is_broken: AtomicBool,
}

impl Dataset for Flaky {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.numbers.len()
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<Batch, DataError> {
        if indices.contains(&5) && self.is_broken.load(Ordering::Relaxed) {
            return Err(DataError::Index { index: 5, len: 5 });
        }
        self.numbers.get_batch(indices, epoch)
    }
}

#[test]
fn a_batch_that_failed_can_be_had_again() {
    let flaky = Arc::new(Flaky { numbers: numbers(6), is_broken: AtomicBool::new(true) });
    let loader = DataLoader::builder(Arc::clone(&flaky)).batch_size(2).build().unwrap();
    let results: Vec<bool> = loader.iter().take(3).map(|batch| batch.is_ok()).collect();
    assert_eq!((results, position(&loader)), (vec![true, true, false], (0, 2)));
    flaky.is_broken.store(false, Ordering::Relaxed);
    loader.set_state(&loader.state()).unwrap();
    assert_eq!(order(&loader), [4, 5]);
    // A caller that goes on after an error reaches the end of the epoch all the same.
    flaky.is_broken.store(true, Ordering::Relaxed);
    assert_eq!((loader.iter().count(), position(&loader)), (3, (2, 0)));
}

#[test]
fn a_loader_serves_any_pointer_to_a_dataset() {
    let whole = Arc::new(numbers(6));
    let boxed: Box<dyn Dataset<Batch = Batch>> = Box::new(Subset::new(Arc::clone(&whole), vec![3, 1]).unwrap());
    assert_eq!(order(&DataLoader::builder(boxed).build().unwrap()), [3, 1]);
    assert_eq!(order(&DataLoader::builder(whole.as_ref()).batch_size(4).build().unwrap()), [0, 1, 2, 3, 4, 5]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// A run that is stopped and resumed anywhere, any number of times, gives out what an unstopped one does.
    #[test]
    fn stops_do_not_show(
        samples in 0usize..60,
        batch_size in 1usize..20,
        drop_last: bool,
        seed: u64,
        first_epoch in 0u64..1000,
        stops in prop::collection::vec(0usize..30, 0..6),
    ) {
        let build = || {
            let builder = DataLoader::builder(numbers(samples)).batch_size(batch_size).shuffle(true);
            builder.drop_last(drop_last).seed(seed).build().unwrap()
        };
        let start = LoaderState { epoch: first_epoch, ..build().state() };
        let unstopped = build();
        unstopped.set_state(&start).unwrap();
        let epochs = 3;
        let want: Vec<Batch> = (0..epochs).flat_map(|_| epoch(&unstopped)).collect();

        let (mut got, mut state, mut stops) = (Vec::new(), start, stops.into_iter());
        while state.epoch < first_epoch + epochs {
            let resumed = build();
            resumed.set_state(&state).unwrap();
            let before_stop = stops.next().unwrap_or(usize::MAX);
            got.extend(resumed.iter().take(before_stop).map(Result::unwrap));
            state = resumed.state();
        }
        prop_assert_eq!(got, want);
    }
}
